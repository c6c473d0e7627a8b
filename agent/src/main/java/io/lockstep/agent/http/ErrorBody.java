package io.lockstep.agent.http;

/**
 * What every refusal on both ports says, as JSON.
 *
 * @param error what went wrong, for people
 * @param remedy what to do next
 */
public record ErrorBody(String error, String remedy) {
    private static final String READ_THE_LOG = "read the agent's log of this moment";

    /** The words for a status for which nobody had better ones. */
    static ErrorBody ofStatus(int status, String error) {
        return new ErrorBody(
                error,
                switch (status) {
                    case 400 -> "correct the request";
                    case 403 -> "add this name to the members in lockstep.yml, or use a member's certificate";
                    case 404 -> "check the path against docs/operations.md";
                    case 405 -> "use a method that the Allow header names";
                    case 406, 415 -> "send and accept application/json";
                    case 408 -> "send the request faster";
                    case 413 -> "send less in one request";
                    case 414, 431 -> "shorten the request's target or headers";
                    case 426 -> "send Connection: Upgrade and the protocol that the Upgrade header names";
                    case 429, 503 -> "try again later";
                    default -> status >= 500 ? READ_THE_LOG : "correct the request";
                });
    }
}
