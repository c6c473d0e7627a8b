package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The files in a staging directory, which lie there at their paths without the tree's name.
 *
 * <p>A staging directory belongs to one transfer at a time and to this agent's user alone (mode 0700): whoever else
 * could write there could exchange a file after its digest was checked. For one thread.
 */
public final class StagedFiles {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final Path staging;

    /** What a check found at one file's path. */
    public enum Check {
        OK,
        MISSING,
        /** Another size or digest, or no regular file. */
        WRONG_DIGEST,
        /** Its content could not be read, so nothing is known of it. */
        UNREADABLE
    }

    /** The files in {@code staging}. */
    public StagedFiles(Path staging) {
        this.staging = staging.toAbsolutePath();
    }

    /** Where the file of this manifest entry lies once it has arrived. */
    public Path pathOf(ManifestEntry entry) {
        return new RootedTree(staging).resolve(FileSet.pathInTree(entry));
    }

    /**
     * Computes the digest of each entry's file, without following any link.
     *
     * @param entries files of one tree, as {@link FileSet#ofEntries} takes them
     * @return one check an entry, in the entries' order
     */
    public Map<ManifestEntry, Check> verify(Collection<ManifestEntry> entries) {
        var tree = new RootedTree(staging);
        var buffer = new byte[BUFFER_BYTES];
        var checks = new LinkedHashMap<ManifestEntry, Check>();
        for (var entry : entries) {
            checks.put(entry, check(tree, entry, buffer));
        }
        return checks;
    }

    private static Check check(RootedTree tree, ManifestEntry entry, byte[] buffer) {
        var path = FileSet.pathInTree(entry);
        var seen = tree.look(path);
        return switch (seen.kind()) {
            case ABSENT -> Check.MISSING;
            case UNREADABLE -> Check.UNREADABLE;
            case DIRECTORY, OTHER -> Check.WRONG_DIGEST;
            case FILE ->
                seen.sizeBytes() == entry.sizeBytes()
                        ? checkContent(tree.resolve(path), entry, buffer)
                        : Check.WRONG_DIGEST;
        };
    }

    private static Check checkContent(Path file, ManifestEntry entry, byte[] buffer) {
        var sha256 = Digest.newSha256();
        try (var in = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha256.update(buffer, 0, read);
            }
        } catch (NoSuchFileException e) {
            return Check.MISSING;
        } catch (IOException e) {
            // The value says it: nothing is known of the content, and the caller fetches it again.
            return Check.UNREADABLE;
        }
        return entry.digest().equals(Optional.of(Digest.finish(sha256))) ? Check.OK : Check.WRONG_DIGEST;
    }

    /**
     * Gives a file that was found {@link Check#OK} exactly the mode and the modification time of its entry. The
     * peer's replica may differ from the generation in these, and a Gateway redeploys on any change of the time.
     *
     * @throws IOException when the file system refuses; the file then must not be used
     */
    public void settle(ManifestEntry entry) throws IOException {
        var view = Files.getFileAttributeView(pathOf(entry), PosixFileAttributeView.class);
        view.setPermissions(permissions(entry.mode()));
        var mtime = FileTime.from(entry.mtimeNanos(), TimeUnit.NANOSECONDS);
        view.setTimes(mtime, null, null);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        var text = new StringBuilder("rwxrwxrwx");
        for (int i = 0; i < text.length(); i++) {
            if ((mode & (0400 >> i)) == 0) {
                text.setCharAt(i, '-');
            }
        }
        return PosixFilePermissions.fromString(text.toString());
    }

    /**
     * Removes everything except the regular files in {@code wanted} and their directories.
     *
     * @return the wanted files that are there, and how many things were removed
     * @throws IOException when something can't be looked at or removed
     */
    Kept keepOnly(Set<EntryPath> wanted) throws IOException {
        var sweep = new Sweep(new RootedTree(staging), wanted);
        Files.walkFileTree(staging, sweep);
        return new Kept(sweep.present, sweep.removed);
    }

    /** What {@link #keepOnly} left. */
    record Kept(Set<EntryPath> present, int removed) {}

    private static final class Sweep extends SimpleFileVisitor<Path> {
        private final RootedTree tree;
        private final Set<EntryPath> wanted;
        private final Set<EntryPath> present = new HashSet<>();
        private final Set<EntryPath> keptDirectories = new HashSet<>();
        private int removed;

        Sweep(RootedTree tree, Set<EntryPath> wanted) {
            this.tree = tree;
            this.wanted = wanted;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            var entry = tree.entryAt(file);
            if (!attributes.isRegularFile() || !wanted.contains(entry)) {
                Files.delete(file);
                removed++;
                return FileVisitResult.CONTINUE;
            }
            present.add(entry);
            for (var above = entry.parent();
                    above.isPresent();
                    above = above.get().parent()) {
                keptDirectories.add(above.get());
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            if (!directory.equals(tree.root()) && !keptDirectories.contains(tree.entryAt(directory))) {
                Files.delete(directory);
                removed++;
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
