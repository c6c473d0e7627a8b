package io.lockstep.agent.store;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes trees of real files, and looks at them independently of the scanner. */
final class TreeOnDisk {
    static final EntryPath TREE = EntryPath.of("server");

    private TreeOnDisk() {}

    /** A file's entry, by its path below the tree's root, its content, and a mode and time that follow from the content. */
    static ManifestEntry file(String below, String content) {
        return file(below, content, content.length() % 2 == 0 ? 0640 : 0644, mtimeOf(content));
    }

    static ManifestEntry file(String below, String content, int mode, long mtimeNanos) {
        var bytes = content.getBytes(StandardCharsets.UTF_8);
        return ManifestEntry.file(path(below), mode, bytes.length, mtimeNanos, Digest.of(bytes));
    }

    static ManifestEntry directory(String below, int mode) {
        return ManifestEntry.directory(path(below), mode);
    }

    static EntryPath path(String below) {
        return EntryPath.parse("server/" + below);
    }

    private static long mtimeOf(String content) {
        return 1_700_000_000_000_000_000L + (content.hashCode() & 0xffffffL) * 1_000_003L;
    }

    /** A manifest of these entries, with every directory they need. */
    static Manifest manifest(ManifestEntry... entries) {
        var all = new TreeMap<EntryPath, ManifestEntry>();
        for (var entry : entries) {
            all.put(entry.path(), entry);
        }
        for (var entry : entries) {
            for (var above = entry.path().parent();
                    above.isPresent();
                    above = above.get().parent()) {
                int mode = above.get().equals(TREE) ? 0 : 0755;
                all.putIfAbsent(above.get(), ManifestEntry.directory(above.get(), mode));
            }
        }
        all.putIfAbsent(TREE, ManifestEntry.directory(TREE, 0));
        return new Manifest(new ArrayList<>(all.values()));
    }

    /** Makes a directory below {@code root}. */
    static void makeDirectory(Path root, String below, int mode) {
        var at = EntryPath.parse(below);
        try (var directory = OpenDirectory.open(DurableCalls.DIRECT, root);
                var parents = new TreeDirectories(directory)) {
            if (at.parent().isPresent()) {
                makeDirectoryIfAbsent(root, at.parent().get());
            }
            var parent = parents.parentOf(at);
            parent.tryMakeDirectory(at.name(), mode);
            parent.trySetDirectoryMode(at.name(), mode);
        } catch (DiskException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void makeDirectoryIfAbsent(Path root, EntryPath at) throws DiskException {
        if (at.parent().isPresent()) {
            makeDirectoryIfAbsent(root, at.parent().get());
        }
        try (var directory = OpenDirectory.open(DurableCalls.DIRECT, root);
                var parents = new TreeDirectories(directory)) {
            var parent = parents.parentOf(at);
            if (parent.look(at.name()).isEmpty()) {
                parent.tryMakeDirectory(at.name(), 0755);
                parent.trySetDirectoryMode(at.name(), 0755);
            }
        }
    }

    /** Writes a file with this content and what {@link #file(String, String)} says of it; replaces what is there. */
    static void write(Path root, String below, String content) {
        var entry = file(below, content);
        write(root, below, content, entry.mode(), entry.mtimeNanos());
    }

    static void write(Path root, String below, String content, int mode, long mtimeNanos) {
        var at = EntryPath.parse(below);
        try {
            if (at.parent().isPresent()) {
                makeDirectoryIfAbsent(root, at.parent().get());
            }
            try (var directory = OpenDirectory.open(DurableCalls.DIRECT, root);
                    var parents = new TreeDirectories(directory)) {
                var parent = parents.parentOf(at);
                parent.removeFileIfThere(at.name());
                try (var file = parent.createFile(at.name())) {
                    file.write(content.getBytes(StandardCharsets.UTF_8));
                    file.setMode(mode);
                    file.setModificationTime(mtimeNanos);
                }
            }
        } catch (DiskException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts this content into a stage. */
    static void stage(ContentStage stage, Path scratch, String content) {
        try {
            var file = Files.writeString(scratch, content);
            var adoption = stage.adopt(file, Digest.of(Files.readAllBytes(file)));
            if (!(adoption instanceof ContentStage.Adoption.Adopted)) {
                throw new IllegalStateException(adoption.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is below {@code root} now, as a scan would see it. */
    static View look(Path root) {
        var entries = new ArrayList<ManifestEntry>();
        var special = new TreeMap<EntryPath, View.BlindSpot>();
        entries.add(ManifestEntry.directory(TREE, 0));
        try (var directory = OpenDirectory.open(DurableCalls.DIRECT, root)) {
            walk(directory, TREE, entries, special);
        } catch (DiskException e) {
            throw new IllegalStateException(e);
        }
        return new View(Manifest.ofUnsorted(entries), special);
    }

    /** What lies directly or deeper in {@code root}: the content's digest by printable path; directories left out. */
    static Map<String, Digest> contents(Path root) {
        var digests = new TreeMap<String, Digest>();
        if (Files.isDirectory(root)) {
            look(root)
                    .manifest()
                    .entries()
                    .forEach(entry -> entry.digest()
                            .ifPresent(digest -> digests.put(
                                    entry.path().withoutFirst().orElseThrow().toString(), digest)));
        }
        return digests;
    }

    private static void walk(
            OpenDirectory directory,
            EntryPath path,
            List<ManifestEntry> entries,
            SortedMap<EntryPath, View.BlindSpot> special)
            throws DiskException {
        directory.eachName(name -> {
            var below = path.child(name);
            var look = directory.look(name).orElseThrow();
            if (look.type() == EntryType.DIRECTORY) {
                entries.add(ManifestEntry.directory(below, look.mode()));
                try (var child = directory.openDirectory(name)) {
                    walk(child, below, entries, special);
                }
            } else if (look.type() == EntryType.FILE) {
                entries.add(ManifestEntry.file(
                        below,
                        look.mode(),
                        look.stamp().sizeBytes(),
                        look.stamp().mtimeNanos(),
                        directory.digestOf(name).orElseThrow()));
            } else {
                special.put(below, View.BlindSpot.SPECIAL);
            }
        });
    }
}
