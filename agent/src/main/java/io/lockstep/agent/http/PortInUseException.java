package io.lockstep.agent.http;

import java.io.IOException;

/** A listening port can't be had. The message names the host, the port and what to do. */
public final class PortInUseException extends IOException {
    private static final long serialVersionUID = 1;

    PortInUseException(String use, HttpPorts.Listen listen, IOException cause) {
        super(
                "the " + use + " port " + listen + " can't be opened (" + rootMessage(cause) + "); see who has it with"
                        + " ss -ltnp 'sport = :" + listen.port() + "', or configure another " + use
                        + " host or port",
                cause);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
