package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Paths below one directory by their raw bytes, looked at without following links. Remembers what it saw of
 * directories, so make one for each look. For one thread.
 *
 * <p>Java offers no path of given bytes, but a {@code file:} URI holds any byte as {@code %HH}, and the Linux provider
 * converts it to the same bytes and back, whatever the locale says.
 */
final class RootedTree {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private final Path root;
    private final String rootUri;
    private final int rootPathLength;
    private final Map<EntryPath, Seen> directories = new HashMap<>();

    /** What lies at a path. */
    enum Kind {
        FILE,
        DIRECTORY,
        ABSENT,
        /** A link, FIFO, device or socket; or below one, or below a file. */
        OTHER,
        UNREADABLE
    }

    /**
     * One look.
     *
     * @param sizeBytes of a file, else 0
     * @param mtime of a file, else 1970
     */
    record Seen(Kind kind, long sizeBytes, FileTime mtime) {
        private static final long NANOS_OF_SECOND = 1_000_000_000L;
        /** From here on a time in ns may only be the nearest one that can be told. */
        private static final long FAR_NANOS = (Long.MAX_VALUE / NANOS_OF_SECOND - 1) * NANOS_OF_SECOND;

        static Seen without(Kind kind) {
            return new Seen(kind, 0, FileTime.fromMillis(0));
        }

        /** Whether it is a file of this size and time. */
        boolean isFile(long size, long mtimeNanos) {
            boolean isFar = mtimeNanos >= FAR_NANOS || mtimeNanos <= -FAR_NANOS;
            return kind == Kind.FILE && sizeBytes == size && (isFar || mtime.to(TimeUnit.NANOSECONDS) == mtimeNanos);
        }
    }

    RootedTree(Path root) {
        this.root = root.toAbsolutePath();
        var uri = this.root.toUri().toString();
        this.rootUri = uri.endsWith("/") ? uri : uri + "/";
        this.rootPathLength = URI.create(rootUri).getRawPath().length();
    }

    Path root() {
        return root;
    }

    /** Where the entry lies. */
    Path resolve(EntryPath entry) {
        var uri = new StringBuilder(rootUri.length() + 3 * entry.length()).append(rootUri);
        for (byte b : entry.bytes()) {
            if (b == '/' || (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z')) {
                uri.append((char) b);
            } else {
                uri.append('%').append(HEX[(b >> 4) & 0xf]).append(HEX[b & 0xf]);
            }
        }
        return Path.of(URI.create(uri.toString()));
    }

    /** The entry at a path below the root, as a directory stream or a walk from {@link #root()} found it. */
    EntryPath entryAt(Path found) {
        // The URI's text is ASCII: every other byte is escaped. A directory's ends with a slash.
        var tail = found.toUri().getRawPath().substring(rootPathLength);
        var escaped = tail.endsWith("/") ? tail.substring(0, tail.length() - 1) : tail;
        var bytes = new byte[escaped.length()];
        int length = 0;
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes[length++] = (byte) Integer.parseInt(escaped, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) escaped.charAt(i);
            }
        }
        return EntryPath.ofBytes(Arrays.copyOf(bytes, length));
    }

    /** What lies there now; no link is followed, at the end or on the way from the root. */
    Seen look(EntryPath entry) {
        var parent = entry.parent();
        if (parent.isPresent()) {
            var above = directories.get(parent.get());
            if (above == null) {
                above = look(parent.get());
                directories.put(parent.get(), above);
            }
            if (above.kind() == Kind.FILE) {
                return Seen.without(Kind.OTHER);
            }
            if (above.kind() != Kind.DIRECTORY) {
                return above;
            }
        }
        return lookAt(resolve(entry));
    }

    private static Seen lookAt(Path path) {
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isRegularFile()) {
                return new Seen(Kind.FILE, attributes.size(), attributes.lastModifiedTime());
            }
            return Seen.without(attributes.isDirectory() ? Kind.DIRECTORY : Kind.OTHER);
        } catch (NoSuchFileException e) {
            return Seen.without(Kind.ABSENT);
        } catch (IOException e) {
            // The caller reports the path with this value; the cause is one of few and seen with `ls`.
            return Seen.without(Kind.UNREADABLE);
        }
    }
}
