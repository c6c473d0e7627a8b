package io.lockstep.agent.store;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NativeBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryType;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Asks the helper {@code lockstep-bind} for mounts: a line for each request, into a FIFO. It never waits, neither for
 * the helper to read nor for what it does. A request names a tree; which paths that means is the helper's own
 * configuration.
 */
public final class BindRequests {
    private final Path fifo;

    public BindRequests(Path fifo) {
        this.fifo = fifo.toAbsolutePath().normalize();
    }

    /** Asks for the tree's share over its live path; says why nobody was asked, and what to do. */
    public Optional<String> mount(String tree) {
        return send("mount " + tree);
    }

    /** Asks for the tree's live path without a mount on it; says why nobody was asked, and what to do. */
    public Optional<String> replica(String tree) {
        return send("replica " + tree);
    }

    private Optional<String> send(String request) {
        var parent = fifo.getParent();
        if (parent == null) {
            return Optional.of("the path of a FIFO can't be " + fifo);
        }
        var attempt = DirectoryHandle.open(parent);
        if (attempt instanceof Attempt.Done<DirectoryHandle> done) {
            try (var directory = done.value()) {
                return send(directory, request);
            }
        }
        return notAsked(((Attempt.Failed<DirectoryHandle>) attempt).errno());
    }

    private Optional<String> send(DirectoryHandle directory, String request) {
        var attempt =
                directory.openFifo(OpenDirectory.bytesOf(fifo.getFileName().toString()));
        if (!(attempt instanceof Attempt.Done<FileHandle> done)) {
            return notAsked(((Attempt.Failed<FileHandle>) attempt).errno());
        }
        var line = OpenDirectory.bytesOf(request + "\n");
        try (var file = done.value();
                var stat = new StatBuffer();
                var buffer = new NativeBuffer(line.length)) {
            if (file.stat(stat) != 0 || stat.type() != EntryType.FIFO) {
                return Optional.of(fifo + " is not a FIFO; correct node.bindRequests");
            }
            // A line is shorter than PIPE_BUF, so it is written whole or not at all (pipe(7)).
            buffer.bytes().put(0, line);
            var errno = file.write(buffer, line.length);
            return errno.isNone() ? Optional.empty() : notAsked(errno);
        }
    }

    private Optional<String> notAsked(Errno errno) {
        if (errno.equals(Errno.ENXIO) || errno.equals(Errno.ENOENT)) {
            return Optional.of(
                    "lockstep-bind does not run (" + fifo + ": " + errno + "); run: systemctl start lockstep-bind");
        }
        if (errno.equals(Errno.EACCES)) {
            return Optional.of("the agent's user may not ask lockstep-bind (" + fifo + ": " + errno
                    + "); Group= of lockstep-bind.service must be the agent's group");
        }
        return Optional.of(
                "lockstep-bind can't be asked (" + fifo + ": " + errno + "); see: journalctl -u lockstep-bind");
    }
}
