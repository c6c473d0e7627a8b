package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
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

    /** The files in {@code staging}. */
    public StagedFiles(Path staging) {
        this.staging = staging.toAbsolutePath();
    }

    /**
     * The digest of the file at this path, without following any link; empty when no regular file is there.
     *
     * @throws IOException when its content can't be read, so that nothing is known of it
     */
    public Optional<Digest> digest(EntryPath path) throws IOException {
        var tree = new RootedTree(staging);
        if (tree.look(path).kind() != RootedTree.Kind.FILE) {
            return Optional.empty();
        }
        var sha256 = Digest.newSha256();
        var buffer = new byte[BUFFER_BYTES];
        try (var in = Files.newInputStream(tree.resolve(path), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha256.update(buffer, 0, read);
            }
        }
        return Optional.of(Digest.finish(sha256));
    }

    /** Removes the staging directory with all that is in it; nothing there is fine. */
    public void remove() throws IOException {
        try {
            keepOnly(Set.of());
            Files.delete(staging);
        } catch (NoSuchFileException e) {
            if (Files.exists(staging, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        }
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
