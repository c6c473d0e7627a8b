package io.lockstep.agent.peer;

import java.io.IOException;

/** The peer answered a stream's request with something else than 101. */
public final class StreamRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;

    StreamRefusedException(PeerAddress peer, int status, RefusalText text) {
        super(peer.name() + " refused with status " + status + ": " + text.error()
                + (text.remedy().isEmpty() ? "" : "; " + text.remedy()));
        this.status = status;
    }

    /** The HTTP status; 503 when the peer has no stream free and the call may be repeated later. */
    public int status() {
        return status;
    }
}
