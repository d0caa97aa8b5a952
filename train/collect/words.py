"""What the labelling page says, in each of its languages.

`{name}` stands for what the page fills in. All languages have the same keys.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["en", "ko"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "ko": "한국어"}

ENGLISH: Mapping[str, str] = {
    "title": "Type what the crops say",
    "progress": "{done} of {all}",
    "pace": "{pace} a minute",
    "left": "about {minutes} min left",
    "left_little": "less than a minute left",
    "crop": "Crop",
    "turned": "turned by {turn}°",
    "text": "Text of the crop",
    "placeholder": "Type what you see",
    "echo": "␣ is a space; digits are coloured",
    "take": "Take",
    "unreadable": "Unreadable",
    "not_text": "Not text",
    "over": "Upside down",
    "quarter": "Quarter turn",
    "zoom": "Zoom",
    "zoom_hint": "Page Up and Page Down move along an enlarged crop.",
    "later": "Later",
    "back": "Back",
    "all": "All answers",
    "guide": "What to type",
    "guide_exact": (
        "Exactly what is printed: capitals, punctuation and spaces too. Mend the reading that "
        "stands in the field, or take it as it is."
    ),
    "guide_unreadable": (
        "Do not guess: if even one character cannot be read, the crop is unreadable."
    ),
    "guide_not_text": "A crop without any text (a drawing, an edge, a blank) is not text.",
    "guide_turn": "If it lies upside down or on its side, turn it first, then type.",
    "name": "Your name (optional)",
    "hide": "Hide the model's readings",
    "hide_hint": "The field starts empty, so that what you type is not led by the model",
    "language": "Language",
    "save": "Save to a file…",
    "download": "Download answers.json",
    "load": "Load answers…",
    "none_yet": "No answers yet.",
    "in_browser": "Answers kept in this browser and not yet in a file: {n}.",
    "in_page": "Answers in this page alone: {n}. Save them to a file before you leave it.",
    "in_file": "Answers in {name}: {n}. Each new one is written there at once.",
    "in_some_file": "Answers saved to a file: {n}.",
    "file_failed": "The file could not be written ({reason}). Nothing is lost: save again.",
    "no_storage": "This browser keeps no answers: save them to a file before you leave the page.",
    "other_tab": "This page is open in another tab as well. Close one of them.",
    "empty": "Nothing is typed. If it cannot be read, press Esc; if it is not text, {key}.",
    "edges": "The space at the beginning or the end will be left out.",
    "control": "A tab or a line break has become a space.",
    "first": "This is the first crop.",
    "loading": "The crop is not on the screen yet.",
    "broken": "This crop cannot be shown. Leave it for later, or mark it as unreadable.",
    "took_text": "Taken: {text}",
    "took_unreadable": "Marked as unreadable.",
    "took_not_text": "Marked as not text.",
    "took_later": "Left for later.",
    "mends_text": "Answered already. Enter replaces the answer.",
    "mends_unreadable": "Marked as unreadable. Enter makes it a text.",
    "mends_not_text": "Marked as not text. Enter makes it a text.",
    "summary": "Answers",
    "complete": "Every crop is answered. Thank you.",
    "incomplete": "Not answered yet: {n}.",
    "go_on": "Go on",
    "count_text": "texts",
    "count_unreadable": "unreadable",
    "count_not_text": "not text",
    "count_open": "not answered",
    "jump": "Choose an answer to mend it.",
    "open": "not answered",
    "loaded": "Answers loaded: {n}.",
    "loaded_stay": "Answered here already, and kept as they are: {n}.",
    "refuse_file": "This is no file of answers.",
    "refuse_version": "This file is of version {version}; this page reads version {wanted}.",
    "refuse_queue": "These answers are of another set of crops, so they were not loaded.",
    "refuse_by": (
        "These answers are by {theirs}, and the name here is {ours}. Nothing was loaded: "
        "change the name first if they are yours."
    ),
    "refuse_answer": "Answer {n} of the file cannot be used, so nothing was loaded.",
}

KOREAN: Mapping[str, str] = {
    "title": "크롭에 보이는 글자를 적어 주세요",
    "progress": "{all}장 중 {done}장",
    "pace": "1분에 {pace}장",
    "left": "약 {minutes}분 남음",
    "left_little": "1분도 안 남음",
    "crop": "크롭",
    "turned": "{turn}° 돌림",
    "text": "크롭에 적힌 글자",
    "placeholder": "보이는 대로 적어 주세요",
    "echo": "␣는 띄어쓰기, 숫자는 색으로 표시됩니다",
    "take": "확정",
    "unreadable": "읽을 수 없음",
    "not_text": "글자 아님",
    "over": "거꾸로 놓임",
    "quarter": "90° 돌리기",
    "zoom": "확대",
    "zoom_hint": "확대한 크롭은 Page Up과 Page Down으로 옮겨 볼 수 있습니다.",
    "later": "나중에",
    "back": "이전",
    "all": "답 모두 보기",
    "guide": "어떻게 적나요?",
    "guide_exact": (
        "인쇄된 그대로 적습니다. 대소문자, 문장 부호, 띄어쓰기도 그대로입니다. 입력란에 있는 "
        "글자를 고치거나, 맞으면 그대로 확정하세요."
    ),
    "guide_unreadable": ("짐작해서 적지 마세요. 한 글자라도 읽을 수 없으면 ‘읽을 수 없음’입니다."),
    "guide_not_text": "글자가 전혀 없는 크롭(그림, 테두리, 빈 곳)은 ‘글자 아님’입니다.",
    "guide_turn": "거꾸로 놓였거나 옆으로 누워 있으면 먼저 돌린 다음 적습니다.",
    "name": "이름 (적지 않아도 됩니다)",
    "hide": "모델이 읽은 글자 숨기기",
    "hide_hint": "입력란을 비워 두어, 모델이 읽은 글자에 이끌리지 않고 적게 합니다",
    "language": "언어",
    "save": "파일에 저장…",
    "download": "answers.json 내려받기",
    "load": "답 불러오기…",
    "none_yet": "아직 답이 없습니다.",
    "in_browser": "답 {n}개가 이 브라우저에만 있고, 아직 파일에 저장되지 않았습니다.",
    "in_page": "답 {n}개가 이 페이지에만 있습니다. 떠나기 전에 파일에 저장해 주세요.",
    "in_file": "답 {n}개가 {name}에 있습니다. 새로 단 답도 바로 저장됩니다.",
    "in_some_file": "답 {n}개를 파일에 저장했습니다.",
    "file_failed": "파일에 쓰지 못했습니다({reason}). 답은 그대로 있으니 다시 저장해 주세요.",
    "no_storage": "이 브라우저에는 답이 저장되지 않습니다. 떠나기 전에 파일에 저장해 주세요.",
    "other_tab": "이 페이지가 다른 탭에도 열려 있습니다. 하나는 닫아 주세요.",
    "empty": "적은 글자가 없습니다. 읽을 수 없으면 Esc, 글자가 아니면 {key}를 누르세요.",
    "edges": "맨 앞이나 맨 뒤의 띄어쓰기는 빠집니다.",
    "control": "탭이나 줄바꿈을 띄어쓰기로 바꾸었습니다.",
    "first": "첫 크롭입니다.",
    "loading": "크롭이 아직 화면에 나오지 않았습니다.",
    "broken": "이 크롭은 보여 드릴 수 없습니다. 나중으로 미루거나 ‘읽을 수 없음’을 고르세요.",
    "took_text": "확정했습니다: {text}",
    "took_unreadable": "‘읽을 수 없음’으로 표시했습니다.",
    "took_not_text": "‘글자 아님’으로 표시했습니다.",
    "took_later": "나중으로 미루었습니다.",
    "mends_text": "이미 답한 크롭입니다. Enter를 누르면 답이 바뀝니다.",
    "mends_unreadable": "‘읽을 수 없음’으로 답한 크롭입니다. Enter를 누르면 글자로 바뀝니다.",
    "mends_not_text": "‘글자 아님’으로 답한 크롭입니다. Enter를 누르면 글자로 바뀝니다.",
    "summary": "답",
    "complete": "모든 크롭에 답했습니다. 고맙습니다.",
    "incomplete": "아직 답하지 않은 크롭이 {n}장 있습니다.",
    "go_on": "계속하기",
    "count_text": "글자",
    "count_unreadable": "읽을 수 없음",
    "count_not_text": "글자 아님",
    "count_open": "답하지 않음",
    "jump": "고칠 답을 고르세요.",
    "open": "답하지 않음",
    "loaded": "답 {n}개를 불러왔습니다.",
    "loaded_stay": "여기서 이미 답한 {n}개는 그대로 두었습니다.",
    "refuse_file": "답 파일이 아닙니다.",
    "refuse_version": "이 파일은 버전 {version}입니다. 이 페이지는 버전 {wanted}을 읽습니다.",
    "refuse_queue": "다른 크롭 묶음의 답이어서 불러오지 않았습니다.",
    "refuse_by": (
        "{theirs} 님의 답인데 여기 적힌 이름은 {ours}입니다. 불러오지 않았습니다. 본인의 답이 "
        "맞으면 이름을 먼저 고쳐 주세요."
    ),
    "refuse_answer": "파일의 {n}번째 답을 쓸 수 없어 아무것도 불러오지 않았습니다.",
}

WORDS: Mapping[Language, Mapping[str, str]] = {"en": ENGLISH, "ko": KOREAN}
