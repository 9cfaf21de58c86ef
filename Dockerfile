# Footnote in a container: an ordinary user, nothing written but to /index and /tmp. See docs/operation.md.
FROM python:3.11-slim-bookworm AS build
# Other models than those that come with Footnote need LOCK=requirements.lock, which has sentence-transformers and torch.
ARG LOCK=serving.lock
# Where pip finds torch for processors only, which is a tenth of the size.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/footnote
WORKDIR /src
COPY deploy/requirements.lock deploy/serving.lock ./
RUN /opt/footnote/bin/pip install --require-hashes --no-deps --only-binary :all: --extra-index-url "$TORCH_INDEX" \
        --requirement "$LOCK"
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY embeddings embeddings
COPY training training
RUN /opt/footnote/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 footnote \
    && useradd --uid 10001 --gid footnote --home-dir /tmp --no-create-home --shell /usr/sbin/nologin footnote \
    && install --directory --owner=footnote --group=footnote --mode=0700 /index \
    && install --directory /documents
COPY --from=build /opt/footnote /opt/footnote
COPY --chmod=0755 deploy/entrypoint.sh /usr/local/bin/footnote
ENV PATH=/opt/footnote/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    FOOTNOTE_CORPUS=/documents \
    FOOTNOTE_INDEX=/index
USER 10001:10001
WORKDIR /
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m --retries=3 CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["footnote"]
CMD ["run"]
