package io.lockstep.agent.vfs;

import io.lockstep.agent.vfs.RemoteTree.Scan;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.digest.StampTable;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.mount.Marker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What tests of trees on servers share. */
final class RemoteFixture {
    static final RemoteDot DOT = new RemoteDot(
            EntryPath.of(".lockstep"),
            EntryPath.of(".lockstep/cluster"),
            4096,
            text -> text.startsWith("cluster ")
                    ? Optional.of(new Marker(text.substring("cluster ".length()), "id"))
                    : Optional.empty());

    /** Long ago, so that no scan takes a file for one that is being written. */
    static final long OLD = 1_700_000_000L;

    static final TreeFilter FILTER = new TreeFilter(List.of(), List.of(".lockstep"), List.of("*.back"));

    private RemoteFixture() {}

    static RemoteTree tree(RemoteSettings settings) {
        return new RemoteTree(settings, DOT, Clock.systemUTC(), RemoteWatch.NONE);
    }

    static RemoteProbe probe(RemoteSettings settings) {
        return new RemoteProbe(settings, DOT, Clock.systemUTC(), RemoteWatch.NONE);
    }

    static Scan scan(RemoteTree tree, Optional<Inventory> previous) {
        return scan(tree, previous, new ArrayList<>());
    }

    private static Scan scan(RemoteTree tree, Optional<Inventory> previous, List<Finding> fresh) {
        var known = previous.map(
                        before -> new RemoteTree.Known(StampTable.of(before.findings()), before.scanStartNanos()))
                .orElse(RemoteTree.Known.NOTHING);
        return tree.scan(FILTER, known, false, Duration.ofSeconds(2), new RemoteTree.Report() {
            @Override
            public void progress(long entries, long bytes) {}

            @Override
            public void found(Finding finding) {
                fresh.add(finding);
            }
        });
    }

    static Inventory scanned(RemoteTree tree) {
        return scanned(tree, Optional.empty());
    }

    static Inventory scanned(RemoteTree tree, Optional<Inventory> previous) {
        var fresh = new ArrayList<Finding>();
        var scan = scan(tree, previous, fresh);
        if (scan instanceof Scan.Scanned scanned) {
            var before = previous.orElse(Inventory.empty());
            scanned.kept().stream().mapToObj(before.findings()::get).forEach(fresh::add);
            return new Inventory(
                    Inventory.sorted(fresh), scanned.startNanos(), scanned.hashedFiles(), scanned.hashedBytes());
        }
        throw new AssertionError(scan);
    }

    static Map<String, Finding> byPath(Inventory inventory) {
        var found = new TreeMap<String, Finding>();
        inventory.findings().forEach(finding -> found.put(finding.path().toString(), finding));
        return found;
    }

    static Finding.RegularFile file(Map<String, Finding> found, String path) {
        if (found.get(path) instanceof Finding.RegularFile file) {
            return file;
        }
        throw new AssertionError(path + " is " + found.get(path));
    }

    /** Writes a file as somebody did long ago. */
    static Path put(Path root, String name, String content) throws IOException {
        var file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, FileTime.from(java.time.Instant.ofEpochSecond(OLD)));
        return file;
    }

    static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    static RemoteOrder.WriteFile order(String path, String content, long mtimeNanos) {
        var bytes = content.getBytes(StandardCharsets.UTF_8);
        return new RemoteOrder.WriteFile(
                EntryPath.of(path),
                ManifestEntry.file(EntryPath.of("server/" + path), 0640, bytes.length, mtimeNanos, digest(content)));
    }

    /** Contents to write, what may give way, and what has given way. */
    static final class Keeper implements RemoteKeeper {
        final Map<Digest, String> contents = new HashMap<>();
        final Set<Digest> known = new HashSet<>();
        final Map<String, String> trashed = new TreeMap<>();
        final Map<String, String> conflicts = new TreeMap<>();
        Runnable beforeContent = () -> {};
        Runnable afterKeep = () -> {};

        Keeper has(String... texts) {
            List.of(texts).forEach(text -> contents.put(digest(text), text));
            return this;
        }

        Keeper knows(String... texts) {
            List.of(texts).forEach(text -> known.add(digest(text)));
            return this;
        }

        @Override
        public Optional<InputStream> content(Digest digest) {
            beforeContent.run();
            return Optional.ofNullable(contents.get(digest))
                    .map(text -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public boolean isKnown(EntryPath path, Digest digest) {
            return known.contains(digest);
        }

        @Override
        public void keep(EntryPath path, Path copy, Digest digest) throws IOException {
            (known.contains(digest) ? trashed : conflicts).put(path.toString(), Files.readString(copy));
            Files.delete(copy);
            afterKeep.run();
        }
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
