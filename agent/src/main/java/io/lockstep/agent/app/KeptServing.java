package io.lockstep.agent.app;

import io.lockstep.agent.rsync.FileSet;
import io.lockstep.agent.rsync.StagedFiles;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes content that the replica does not hold at its path ready for rsync: in a directory of its own below {@code
 * <work>/serve}, at the paths that were asked for, each file digested just now. For several threads.
 */
final class KeptServing {
    private final Map<String, Path> places = new TreeMap<>();
    private final LocalContents contents;

    /** @param works each tree's work directory, by the tree's name */
    KeptServing(Map<String, Path> works, LocalContents contents) {
        works.forEach((tree, work) -> places.put(tree, work.resolve("serve")));
        this.contents = contents;
    }

    /** Removes what an earlier process could not. Not while something is served. */
    void removeLeftovers() throws IOException {
        for (var place : places.values()) {
            if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                new StagedFiles(place).remove();
            }
        }
    }

    /** What is ready; closing it removes it. */
    record Prepared(Path root, FileSet files) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            new StagedFiles(root).remove();
        }
    }

    /**
     * Looks for the content of these files.
     *
     * @param tree of which all the files are
     * @param held what the last scan of the replica showed
     * @return those that were found
     * @throws IOException when nothing can be made ready
     */
    Prepared prepare(String tree, List<ManifestEntry> files, Manifest held) throws IOException {
        var place = places.get(tree);
        if (place == null) {
            throw new IOException("this node has no tree called " + tree);
        }
        Files.createDirectories(
                place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var root = Files.createTempDirectory(place, "kept-");
        var search = contents.search(tree);
        var inReplica = LocalContents.places(held, LocalContents.digests(files));
        var found = new ArrayList<FileSet.Item>();
        try {
            for (var file : files) {
                var digest = file.digest().orElseThrow();
                var path = file.path().withoutFirst().orElseThrow();
                var paths = inReplica.getOrDefault(new LocalContents.Content(tree, digest), List.of());
                search.expose(digest, paths, root, path)
                        .ifPresent(stamp -> found.add(new FileSet.Item(path, stamp.sizeBytes(), stamp.mtimeNanos())));
            }
            return new Prepared(root, new FileSet(found));
        } catch (IOException | RuntimeException e) {
            new StagedFiles(root).remove();
            throw e;
        }
    }
}
