package io.lockstep.agent.http;

/** Thrown by a resource or a stream's service to refuse a request with a status and with words. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String remedy;

    /**
     * A refusal.
     *
     * @param status 400 to 599
     * @param error what went wrong, for the peer's people
     * @param remedy what to do next
     */
    public RefusedException(int status, String error, String remedy) {
        super(error);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException(status + " is no status of a refusal");
        }
        this.status = status;
        this.remedy = remedy;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }

    /** The JSON that answers the request. */
    public ErrorBody body() {
        return new ErrorBody(String.valueOf(getMessage()), remedy);
    }
}
