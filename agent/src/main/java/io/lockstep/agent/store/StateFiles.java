package io.lockstep.agent.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.MalformedManifestException;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestCodec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The agent's small durable values in its state directory, which one agent alone uses at a time: the applied generation,
 * and manifests by their root digest. Each is replaced in one step that a crash can't tear. Several threads may use it.
 */
public final class StateFiles implements AutoCloseable {
    private static final String APPLIED = "applied";
    private static final String LOCK = "lock";
    private static final String MANIFESTS = "manifests";
    /** An applied mark is one line. */
    private static final int MAX_APPLIED_BYTES = 4096;
    /** Two million entries with paths of ordinary length. */
    private static final int MAX_MANIFEST_BYTES = 1 << 30;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path directory;
    private final FileChannel lock;
    private final DurableCalls calls;

    private StateFiles(Path directory, FileChannel lock, DurableCalls calls) {
        this.directory = directory;
        this.lock = lock;
        this.calls = calls;
    }

    /** What came of opening a state directory. */
    public sealed interface Opening {
        /** It is this agent's until it is closed. */
        record Opened(StateFiles state) implements Opening {}

        /** Another agent has it; says which directory and what to do. */
        record InUse(String message) implements Opening {}

        /** The disk refused; says where, why and what to do. */
        record Failed(String message) implements Opening {}
    }

    /** Opens the state directory, making it when it is missing, and locks it for this process. */
    public static Opening open(Path directory) {
        return open(directory, DurableCalls.DIRECT);
    }

    static Opening open(Path directory, DurableCalls calls) {
        try (var made = OpenDirectory.openOrMake(calls, directory)) {
            made.makeDirectoryDurably(OpenDirectory.bytesOf(MANIFESTS));
        } catch (DiskException e) {
            return new Opening.Failed(e.failure().message());
        }
        try {
            return lock(directory, calls);
        } catch (IOException e) {
            return new Opening.Failed("could not lock the state directory " + directory + ": " + e
                    + "; it must be on this node's own disk and writable");
        }
    }

    /** The kernel drops the lock when the process ends, however it ends (fcntl(2)). */
    private static Opening lock(Path directory, DurableCalls calls) throws IOException {
        var channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return new Opening.Opened(new StateFiles(directory, channel, calls));
            }
        } catch (OverlappingFileLockException heldByThisProcess) {
            // The answer is the same as for another process.
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return new Opening.InUse("another agent uses the state directory " + directory
                + "; stop it, or give this agent a state directory of its own");
    }

    /**
     * The generation that this node's trees were last proven to be at.
     *
     * @param root its manifest's root digest
     */
    public record Applied(GenerationId generation, Digest root) {}

    /** What the mark says. */
    public sealed interface AppliedMark {
        /** It says this. */
        record Marked(Applied applied) implements AppliedMark {}

        /** There is none: nothing was ever applied on this node. */
        record None() implements AppliedMark {}

        /** It can't be read, which is not the same as none; says what to do. */
        record Unreadable(String message) implements AppliedMark {}
    }

    /** Reads the applied mark. */
    public synchronized AppliedMark applied() {
        var name = OpenDirectory.bytesOf(APPLIED);
        try (var state = OpenDirectory.open(calls, directory)) {
            if (state.look(name).isEmpty()) {
                return new AppliedMark.None();
            }
            try (var file = state.openFile(name)) {
                var node = MAPPER.readTree(file.readUpTo(MAX_APPLIED_BYTES));
                return new AppliedMark.Marked(new Applied(
                        GenerationId.parse(node.path("generation").asText()),
                        Digest.parse(node.path("root").asText())));
            }
        } catch (DiskException e) {
            return new AppliedMark.Unreadable(e.failure().message());
        } catch (IOException | IllegalArgumentException e) {
            return new AppliedMark.Unreadable("the applied mark " + directory.resolve(APPLIED)
                    + " is damaged; compare the trees with the cluster by 'lockstep verify', then remove the file");
        }
    }

    /** What came of raising the mark. */
    public sealed interface Raise {
        /** The mark says it, durably. */
        record Raised() implements Raise {}

        /** The mark is higher, or says another root for the same generation; it stays. */
        record Lower(Applied current) implements Raise {}

        /** The mark could not be read or written; says what to do. */
        record Failed(String message) implements Raise {}
    }

    /** Raises the applied mark; it never goes down. The same generation with the same root again is fine. */
    public synchronized Raise raiseApplied(GenerationId generation, Digest root) {
        var mark = applied();
        if (mark instanceof AppliedMark.Unreadable unreadable) {
            return new Raise.Failed(unreadable.message());
        }
        if (mark instanceof AppliedMark.Marked marked) {
            int order = marked.applied().generation().compareTo(generation);
            if (order == 0 && marked.applied().root().equals(root)) {
                return new Raise.Raised();
            }
            if (order >= 0) {
                return new Raise.Lower(marked.applied());
            }
        }
        var line = "{\"generation\":\"" + generation + "\",\"root\":\"" + root + "\"}\n";
        try (var state = OpenDirectory.open(calls, directory)) {
            state.replaceFile(APPLIED, line.getBytes(StandardCharsets.UTF_8));
            return new Raise.Raised();
        } catch (DiskException e) {
            return new Raise.Failed(e.failure().message());
        }
    }

    /** Keeps a manifest under its root digest; empty when it is durable, else why it is not. */
    public synchronized Optional<DiskFailure> keepManifest(Manifest manifest) {
        var name = manifest.root().toString();
        try (var manifests = OpenDirectory.open(calls, directory.resolve(MANIFESTS))) {
            if (manifest(manifest.root()) instanceof StoredManifest.Found) {
                return Optional.empty();
            }
            manifests.replaceFile(name, ManifestCodec.encode(manifest));
            return Optional.empty();
        } catch (DiskException e) {
            return Optional.of(e.failure());
        }
    }

    /** What is kept under a root digest. */
    public sealed interface StoredManifest {
        /** The manifest, whose root digest was computed anew. */
        record Found(Manifest manifest) implements StoredManifest {}

        /** There is none. */
        record Absent() implements StoredManifest {}

        /** What was there is no manifest with this root, and was set aside at {@code setAside}; fetch it again. */
        record Damaged(Path setAside, String message) implements StoredManifest {}

        /** The disk refused. */
        record Unreadable(DiskFailure failure) implements StoredManifest {}
    }

    /** Reads the manifest with this root. */
    public synchronized StoredManifest manifest(Digest root) {
        var name = OpenDirectory.bytesOf(root.toString());
        var path = directory.resolve(MANIFESTS);
        try (var manifests = OpenDirectory.open(calls, path)) {
            if (manifests.look(name).isEmpty()) {
                return new StoredManifest.Absent();
            }
            String problem;
            try (var file = manifests.openFile(name)) {
                var manifest = ManifestCodec.decode(file.readUpTo(MAX_MANIFEST_BYTES));
                if (manifest.root().equals(root)) {
                    return new StoredManifest.Found(manifest);
                }
                problem = "its root is " + manifest.root();
            } catch (MalformedManifestException e) {
                problem = String.valueOf(e.getMessage());
            }
            var aside = root + ".damaged";
            manifests.rename(name, manifests, OpenDirectory.bytesOf(aside));
            manifests.sync();
            return new StoredManifest.Damaged(
                    path.resolve(aside), "the manifest " + root + " is damaged: " + problem + "; fetch it again");
        } catch (DiskException e) {
            return new StoredManifest.Unreadable(e.failure());
        }
    }

    /**
     * Which manifests stay besides those that are needed.
     *
     * @param youngerThan those that were kept later than this, by this node's clock
     * @param newest and so many of the newest
     */
    public record ManifestBounds(Instant youngerThan, int newest) {
        /** At most so many stay for their age alone: a manifest of a large tree has megabytes. */
        static final int MOST = 500;

        /** None stays. */
        public static final ManifestBounds NONE = new ManifestBounds(Instant.MAX, 0);
    }

    /**
     * Drops every manifest but those with these roots and those within the bounds, and what was set aside; empty when
     * done, else why not.
     */
    public synchronized Optional<DiskFailure> retainManifests(Set<Digest> roots, ManifestBounds bounds) {
        try (var manifests = OpenDirectory.open(calls, directory.resolve(MANIFESTS))) {
            var kept = roots.stream().map(Digest::toString).collect(Collectors.toSet());
            var others = new ArrayList<Aged>();
            for (var name : manifests.names()) {
                var text = new String(name, StandardCharsets.ISO_8859_1);
                if (text.length() != 2 * Digest.BYTES) {
                    manifests.removeFile(name);
                } else if (!kept.contains(text)) {
                    var look = manifests.look(name);
                    look.ifPresent(it -> others.add(new Aged(text, it.stamp().mtimeNanos())));
                }
            }
            others.sort(Comparator.comparingLong(Aged::mtimeNanos).reversed());
            for (int i = 0; i < others.size(); i++) {
                var at = Instant.EPOCH.plusNanos(others.get(i).mtimeNanos());
                boolean stays = i < bounds.newest() || (i < ManifestBounds.MOST && at.isAfter(bounds.youngerThan()));
                if (!stays) {
                    manifests.removeFile(OpenDirectory.bytesOf(others.get(i).name()));
                }
            }
            return Optional.empty();
        } catch (DiskException e) {
            return Optional.of(e.failure());
        }
    }

    private record Aged(String name, long mtimeNanos) {}

    /** Lets another agent have the directory. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
