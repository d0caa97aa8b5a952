"""Original, new and general lines mixed to one training list an epoch."""
