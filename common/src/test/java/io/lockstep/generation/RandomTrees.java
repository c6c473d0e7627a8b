package io.lockstep.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Seeded manifests and random edits of them, always valid; the same seed gives the same manifests. */
public final class RandomTrees {
    private final Random random;

    /** Manifests drawn from this seed. */
    public RandomTrees(long seed) {
        random = new Random(seed);
    }

    /** A file whose content is {@code content}. */
    public static ManifestEntry file(String path, String content) {
        var bytes = content.getBytes(UTF_8);
        return ManifestEntry.file(EntryPath.of(path), 0644, bytes.length, 1_000, Digest.of(bytes));
    }

    public static ManifestEntry directory(String path) {
        return ManifestEntry.directory(EntryPath.of(path), 0755);
    }

    /** The manifest of these entries and every directory above them. */
    public static Manifest manifest(ManifestEntry... entries) {
        return rooted(List.of(entries));
    }

    private static Manifest rooted(List<ManifestEntry> entries) {
        var all = new TreeMap<EntryPath, ManifestEntry>();
        for (var entry : entries) {
            for (var above = entry.path().parent();
                    above.isPresent();
                    above = above.get().parent()) {
                all.putIfAbsent(above.get(), ManifestEntry.directory(above.get(), 0755));
            }
            all.put(entry.path(), entry);
        }
        return new Manifest(List.copyOf(all.values()));
    }

    /** Up to {@code files} files in nested directories of two trees, with some names that are not UTF-8. */
    public Manifest manifest(int files) {
        var entries = new ArrayList<ManifestEntry>();
        entries.add(directory("server"));
        entries.add(directory("tenants"));
        for (int i = 0; i < files; i++) {
            entries.add(randomFile());
        }
        return rooted(entries);
    }

    private ManifestEntry randomFile() {
        var path = EntryPath.of(random.nextBoolean() ? "server" : "tenants");
        for (int depth = random.nextInt(4); depth > 0; depth--) {
            path = path.child(("d" + random.nextInt(6)).getBytes(UTF_8));
        }
        var name = ("f" + random.nextInt(100_000) + "-.xml").getBytes(UTF_8);
        if (random.nextInt(4) == 0) {
            name[name.length - 5] = (byte) (0x80 + random.nextInt(0x80));
        }
        return ManifestEntry.file(path.child(name), 0600 + random.nextInt(0100), nextSize(), nextTime(), nextDigest());
    }

    /** {@code from} after this many random edits: new, changed and deleted files, deleted and replaced directories. */
    public Manifest edited(Manifest from, int edits) {
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        from.entries().forEach(entry -> entries.put(entry.path(), entry));
        for (int i = 0; i < edits; i++) {
            edit(entries);
        }
        return new Manifest(List.copyOf(entries.values()));
    }

    private void edit(SortedMap<EntryPath, ManifestEntry> entries) {
        var below =
                entries.keySet().stream().filter(p -> p.parent().isPresent()).toList();
        int kind = random.nextInt(6);
        if (below.isEmpty() || kind == 0) {
            var added = randomFile();
            rooted(List.of(added)).entries().forEach(entry -> entries.putIfAbsent(entry.path(), entry));
            // A file of the tree may stand where the new file's directory would be; then nothing is added.
            entries.keySet()
                    .removeIf(path -> path.parent()
                            .map(above -> !entries.containsKey(above)
                                    || entries.get(above).isFile())
                            .orElse(false));
            return;
        }
        var path = below.get(random.nextInt(below.size()));
        switch (kind) {
            case 1 -> remove(entries, path);
            case 2 -> {
                remove(entries, path);
                entries.put(path, ManifestEntry.file(path, 0644, nextSize(), nextTime(), nextDigest()));
            }
            case 3 -> {
                remove(entries, path);
                entries.put(path, ManifestEntry.directory(path, 0700 + random.nextInt(0100)));
            }
            default -> {
                var entry = entries.get(path);
                if (entry != null && entry.isFile()) {
                    entries.put(path, ManifestEntry.file(path, 0644, nextSize(), nextTime(), nextDigest()));
                } else {
                    entries.put(path, ManifestEntry.directory(path, 0700 + random.nextInt(0100)));
                }
            }
        }
    }

    private static void remove(SortedMap<EntryPath, ManifestEntry> entries, EntryPath path) {
        entries.keySet().removeIf(other -> other.equals(path) || other.isBelow(path));
    }

    /** Some entry of {@code manifest} below a tree's root. */
    public EntryPath pathOf(Manifest manifest) {
        var below = manifest.entries().stream()
                .map(ManifestEntry::path)
                .filter(path -> path.parent().isPresent())
                .toList();
        return below.get(random.nextInt(below.size()));
    }

    /** A number from 0 to {@code bound} - 1. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    private long nextSize() {
        return random.nextLong() >>> (1 + random.nextInt(62));
    }

    private long nextTime() {
        return random.nextLong();
    }

    private Digest nextDigest() {
        var bytes = new byte[Digest.BYTES];
        random.nextBytes(bytes);
        return Digest.ofBytes(bytes);
    }
}
