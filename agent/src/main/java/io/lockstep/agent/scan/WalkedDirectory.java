package io.lockstep.agent.scan;

import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.artifact.EntryPath;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A directory that a scan has open, until the last task that needs its handle is done.
 *
 * <p>At most one handle a level and a thread is open: tasks are taken from a stack, so the walk goes down before it goes
 * on.
 */
final class WalkedDirectory {
    private final Optional<EntryPath> path;
    private final DirectoryHandle handle;
    private final int depth;
    private final byte[] prefix;
    /** Who still needs the handle: the reader of its names, and every task made from them. */
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * An open directory.
     *
     * @param path empty for the root
     * @param depth 0 for the root
     */
    WalkedDirectory(Optional<EntryPath> path, DirectoryHandle handle, int depth) {
        this.path = path;
        this.handle = handle;
        this.depth = depth;
        prefix = path.map(WalkedDirectory::withSlash).orElse(new byte[0]);
    }

    private static byte[] withSlash(EntryPath path) {
        var bytes = Arrays.copyOf(path.bytes(), path.length() + 1);
        bytes[path.length()] = '/';
        return bytes;
    }

    Optional<EntryPath> path() {
        return path;
    }

    DirectoryHandle handle() {
        return handle;
    }

    int depth() {
        return depth;
    }

    /** Writes what every path in here starts with to the start of {@code buffer}; returns its length. */
    int copyPrefix(byte[] buffer) {
        System.arraycopy(prefix, 0, buffer, 0, prefix.length);
        return prefix.length;
    }

    void retain() {
        users.incrementAndGet();
    }

    /** Closes the handle when nobody else needs it. */
    void release() {
        if (users.decrementAndGet() == 0) {
            handle.close();
        }
    }
}
