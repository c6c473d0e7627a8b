package io.lockstep.generation;

import java.io.Serial;

/** Bytes that should be a manifest or an entry of one are not; whoever sent them is at fault and is named by the caller. */
public final class MalformedManifestException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    public MalformedManifestException(String problem) {
        super("malformed manifest: " + problem);
    }

    public MalformedManifestException(String problem, Throwable cause) {
        super("malformed manifest: " + problem, cause);
    }
}
