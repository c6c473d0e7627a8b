package io.lockstep.agent.setup;

import io.lockstep.digest.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Everything of a directory tree that a copy must keep: names, types, modes, owners, times in ns, the digest of every file
 * and the text of every link. No link is followed.
 */
final class TreeContents {
    private static final int MOST_DIFFERENCES = 5;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Map<Path, Entry> entries;

    private TreeContents(Map<Path, Entry> entries) {
        this.entries = entries;
    }

    /** @param content a file's digest, a link's text, or nothing for a directory */
    private record Entry(int mode, int user, int group, FileTime time, String content) {}

    /** Reads all of it. */
    static TreeContents of(Path root) throws IOException {
        var found = new TreeMap<Path, Entry>();
        try (Stream<Path> all = Files.walk(root)) {
            for (var path : (Iterable<Path>) all::iterator) {
                found.put(root.relativize(path), entry(path));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new TreeContents(found);
    }

    private static Entry entry(Path path) throws IOException {
        var attributes = Files.readAttributes(path, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
        return new Entry(
                number(attributes, "mode"),
                number(attributes, "uid"),
                number(attributes, "gid"),
                Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS),
                content(path));
    }

    private static int number(Map<String, Object> attributes, String name) {
        if (attributes.get(name) instanceof Integer number) {
            return number;
        }
        throw new IllegalStateException("the file system tells no " + name);
    }

    private static String content(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return Files.readSymbolicLink(path).toString();
        }
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return "";
        }
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(
                    path.toString(), null, "is neither a file nor a directory nor a link. Move it away");
        }
        var sha256 = Digest.newSha256();
        var buffer = new byte[BUFFER_BYTES];
        try (var in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                sha256.update(buffer, 0, got);
            }
        }
        return Digest.finish(sha256).toString();
    }

    /** The first paths in which both differ. */
    List<String> differences(TreeContents other) {
        var paths = new ArrayList<String>();
        var all = new TreeMap<>(entries);
        other.entries.forEach(all::putIfAbsent);
        for (var path : all.keySet()) {
            var mine = entries.get(path);
            if ((mine == null || !mine.equals(other.entries.get(path))) && paths.size() < MOST_DIFFERENCES) {
                paths.add(path.toString().isEmpty() ? "the directory itself" : path.toString());
            }
        }
        return paths;
    }

    /** Whether there is nothing but the directory itself. */
    static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> below = Files.list(directory)) {
            return below.findAny().isEmpty();
        }
    }

    /** How many bytes the files have. */
    static long sizeBytes(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            long sum = 0;
            for (var path : (Iterable<Path>) all::iterator) {
                sum += (Long) Files.getAttribute(path, "size", LinkOption.NOFOLLOW_LINKS);
            }
            return sum;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
