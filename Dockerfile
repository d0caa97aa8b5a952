# synth, balance and train with all that the line needs (docs/pipeline.md), for a CPU or a GPU:
#
#   docker build --target cpu -t ocr-mend:cpu .
#   docker build --target gpu -t ocr-mend:gpu --build-arg PADDLE_INDEX=... .
#   docker run --rm -v "$PWD:/work" ocr-mend:cpu train line
#
# INDEX is where pip looks in place of PyPI, PADDLE_INDEX where Paddle keeps its wheel for GPUs.

FROM python:3.11-slim-bookworm AS wheel
ARG INDEX=""
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY textlines textlines
COPY synth synth
COPY balance balance
COPY train train
COPY fonts fonts
COPY corpora corpora
COPY backgrounds backgrounds
RUN python -m pip wheel --quiet --no-cache-dir ${INDEX:+--index-url "$INDEX"} --no-deps --wheel-dir /wheels .

FROM python:3.11-slim-bookworm AS cpu
ARG INDEX=""
# hadolint ignore=DL3008  # Debian keeps one version of a package at a time
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 mend
COPY constraints.txt /wheels/
COPY --from=wheel /wheels /wheels
ENV PATH=/opt/mend/bin:$PATH
# No extra brings Paddle. OpenCV without a screen goes last: several wheels own cv2/, and the last
# one that is installed wins.
RUN python -m venv /opt/mend \
    && wheel="$(echo /wheels/ocr_mend-*.whl)" \
    && pip="python -m pip install --quiet --no-cache-dir ${INDEX:+--index-url $INDEX} -c /wheels/constraints.txt" \
    && $pip "ocr-mend[train,models,pipeline,fonts] @ file://$wheel" paddlepaddle \
    && $pip --force-reinstall --no-deps opencv-python-headless==4.10.0.84 \
    && python -c "import cv2, paddle" \
    && train --help > /dev/null
WORKDIR /work
USER 1000
CMD ["train", "--help"]

FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04 AS gpu
ARG INDEX=""
ARG PADDLE_INDEX=""
# Ubuntu's own user has the number 1000, which most files of a mounted folder belong to.
# hadolint ignore=DL3008  # Ubuntu keeps one version of a package at a time
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && userdel --remove ubuntu \
    && useradd --create-home --uid 1000 mend
COPY constraints.txt /wheels/
COPY --from=wheel /wheels /wheels
ENV PATH=/opt/mend/bin:$PATH
# Paddle is imported where a card is: without one its GPU wheel finds no driver.
RUN python3 -m venv /opt/mend \
    && wheel="$(echo /wheels/ocr_mend-*.whl)" \
    && pip="python -m pip install --quiet --no-cache-dir ${INDEX:+--index-url $INDEX} -c /wheels/constraints.txt" \
    && $pip ${PADDLE_INDEX:+--extra-index-url "$PADDLE_INDEX"} \
        "ocr-mend[train,models,pipeline,fonts] @ file://$wheel" "paddlepaddle-gpu>=3.2" \
    && $pip --force-reinstall --no-deps opencv-python-headless==4.10.0.84 \
    && python -c "import cv2" \
    && train --help > /dev/null
WORKDIR /work
USER 1000
CMD ["train", "--help"]
