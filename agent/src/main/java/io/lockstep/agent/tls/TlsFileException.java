package io.lockstep.agent.tls;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A PEM file can't be used. The message names the file, what is wrong with it and what to do. */
public final class TlsFileException extends IOException {
    private static final long serialVersionUID = 1;

    TlsFileException(Path file, String problem, String remedy, @Nullable Throwable cause) {
        super(file + ": " + problem + "; " + remedy, cause);
    }

    TlsFileException(Path file, String problem, String remedy) {
        this(file, problem, remedy, null);
    }
}
