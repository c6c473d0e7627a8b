package io.lockstep.digest;

/** Bytes that should hold findings hold something else; the message says what. */
public final class MalformedFindingsException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedFindingsException(String message) {
        super(message);
    }

    public MalformedFindingsException(String message, Throwable cause) {
        super(message, cause);
    }
}
