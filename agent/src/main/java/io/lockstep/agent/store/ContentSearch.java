package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One tree's content on this node by its digest: in the stage, in the replica at whatever path, in the trash, in the
 * conflict store. Every copy is digested before it counts; a kept one that turns out to be damaged is told of, and the
 * next one is taken. For several threads, as the parts are.
 */
public final class ContentSearch {
    private final ContentStage stage;
    private final Path replica;
    private final List<Store> stores;
    private final Consumer<Corruption> onCorruption;

    /** A store by its name. */
    private record Store(String name, KeptEntries entries) {}

    /**
     * @param stage where what is found is staged
     * @param replica the tree's root
     * @param onCorruption hears of kept files that are damaged; called by whoever searches
     */
    public ContentSearch(
            ContentStage stage, Trash trash, ConflictStore conflicts, Path replica, Consumer<Corruption> onCorruption) {
        this.stage = stage;
        this.replica = replica;
        this.stores = List.of(new Store("trash", trash.entries()), new Store("conflicts", conflicts.entries()));
        this.onCorruption = onCorruption;
    }

    /** Takes a copy; says whether it was the right content. */
    private interface Use {
        /** @return empty when it was; the digest that it has instead otherwise */
        Optional<Digest> take(OpenFile copy) throws DiskException;
    }

    /**
     * Brings content into the stage.
     *
     * @param inReplica where the last scan of the replica saw it, relative to the root
     * @return whether the stage has it now; not when no copy is right, or the stage's disk refuses
     */
    public boolean stage(Digest digest, List<EntryPath> inReplica) {
        return stage.has(digest)
                || use(digest, inReplica, copy -> {
                    var adoption = stage.adopt(copy, digest);
                    if (adoption instanceof ContentStage.Adoption.WrongDigest wrong) {
                        return Optional.of(wrong.actual());
                    }
                    if (adoption instanceof ContentStage.Adoption.SourceUnreadable unreadable) {
                        throw new UnreadableException(
                                unreadable.failure().place(),
                                unreadable.failure().errno());
                    }
                    if (adoption instanceof ContentStage.Adoption.Failed failed) {
                        var failure = failed.failure();
                        throw new DiskException(failure.action(), failure.place(), failure.errno());
                    }
                    return Optional.empty();
                });
    }

    /**
     * Puts the content at {@code path} below {@code root}, for rsync to send: a second name for a kept file, which nobody
     * writes to, and a copy of a replica's file, which a Gateway may write to. Whoever drops a kept file takes nothing
     * from the second name.
     *
     * @param root a directory of the agent alone, on any file system
     * @return what stands there now; empty when no copy is right
     * @throws IOException when the directory can't be written
     */
    public Optional<Stamp> expose(Digest digest, List<EntryPath> inReplica, Path root, EntryPath path)
            throws IOException {
        try (var into = parentOf(path, root)) {
            var name = path.name();
            boolean isThere = takeKept(digest, into, name)
                    || takeStaged(digest, into, name)
                    || takeFromReplica(digest, inReplica, into, name);
            return isThere ? into.look(name).map(EntryLook::stamp) : Optional.empty();
        } catch (DiskException e) {
            throw new IOException(e.failure().message(), e);
        }
    }

    private static OpenDirectory parentOf(EntryPath path, Path root) throws DiskException {
        var above = path.parent();
        var directory = OpenDirectory.open(DurableCalls.DIRECT, root);
        if (above.isEmpty()) {
            return directory;
        }
        try (directory) {
            make(directory, above.get());
            return directory.openDirectory(above.get());
        }
    }

    private static void make(OpenDirectory root, EntryPath path) throws DiskException {
        var above = path.parent();
        if (above.isEmpty()) {
            require(root, path, root.tryMakeDirectory(path.name(), 0700));
            return;
        }
        make(root, above.get());
        try (var parent = root.openDirectory(above.get())) {
            require(parent, path, parent.tryMakeDirectory(path.name(), 0700));
        }
    }

    private static void require(OpenDirectory parent, EntryPath path, Errno errno) throws DiskException {
        if (!errno.isNone() && !errno.equals(Errno.EEXIST)) {
            throw new DiskException("make the directory", parent.placeOf(path.name()), errno);
        }
    }

    private boolean takeKept(Digest digest, OpenDirectory into, byte[] name) throws DiskException {
        for (var store : stores) {
            for (var entry : found(store, digest)) {
                if (isWhole(store, entry, bytes -> {}) && takeKept(entry, into, name)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean takeKept(KeptEntry entry, OpenDirectory into, byte[] name) throws DiskException {
        into.removeFileIfThere(name);
        try (var group = OpenDirectory.open(DurableCalls.DIRECT, groupOf(entry))) {
            var kept = OpenDirectory.bytesOf(String.valueOf(entry.content().getFileName()));
            // Not every user may give another's file a second name (proc(5), protected_hardlinks).
            if (group.tryLink(kept, into, name).isNone()) {
                return true;
            }
        } catch (DiskException dropped) {
            return false;
        }
        try (var copy = openKept(entry)) {
            return isCopied(copy, into, name, entry.digest());
        } catch (UnreadableException dropped) {
            return false;
        }
    }

    private boolean takeStaged(Digest digest, OpenDirectory into, byte[] name) throws DiskException {
        if (!stage.has(digest)) {
            return false;
        }
        try (var copy = stage.openFile(digest)) {
            return isCopied(copy, into, name, Optional.of(digest));
        } catch (UnreadableException unreadable) {
            return false;
        }
    }

    private boolean takeFromReplica(Digest digest, List<EntryPath> inReplica, OpenDirectory into, byte[] name)
            throws DiskException {
        for (var path : inReplica) {
            try (var copy = openInReplica(path)) {
                if (isCopied(copy, into, name, Optional.of(digest))) {
                    return true;
                }
            } catch (UnreadableException changed) {
                // It was there at the last scan; another copy may be.
                continue;
            }
        }
        return false;
    }

    /** Copies; nothing stays under the name when the copy has another digest than the wanted one. */
    private static boolean isCopied(OpenFile source, OpenDirectory into, byte[] name, Optional<Digest> wanted)
            throws DiskException {
        into.removeFileIfThere(name);
        boolean isRight;
        try (var target = into.createFile(name)) {
            isRight = Optional.of(source.copyTo(target)).equals(wanted);
        }
        if (!isRight) {
            into.removeFile(name);
        }
        return isRight;
    }

    private OpenFile openInReplica(EntryPath path) throws DiskException {
        try (var root = OpenDirectory.open(DurableCalls.DIRECT, replica)) {
            var above = path.parent();
            if (above.isEmpty()) {
                return openFile(root, path);
            }
            try (var directory = root.openDirectory(above.get())) {
                return openFile(directory, path);
            }
        } catch (DiskException e) {
            throw new UnreadableException(e.failure().place(), e.errno());
        }
    }

    /** Whatever else stands there now, such as a FIFO, is never read. */
    private static OpenFile openFile(OpenDirectory directory, EntryPath path) throws DiskException {
        if (directory.look(path.name()).filter(EntryLook::isFile).isEmpty()) {
            throw new UnreadableException(directory.placeOf(path.name()), Errno.ENOENT);
        }
        return directory.openFile(path.name());
    }

    private boolean use(Digest digest, List<EntryPath> inReplica, Use use) {
        try {
            for (var path : inReplica) {
                try (var copy = openInReplica(path)) {
                    if (use.take(copy).isEmpty()) {
                        return true;
                    }
                } catch (UnreadableException changed) {
                    // It was there at the last scan; another copy may be.
                    continue;
                }
            }
            for (var store : stores) {
                for (var entry : found(store, digest)) {
                    if (useKept(store, entry, use)) {
                        return true;
                    }
                }
            }
        } catch (DiskException refused) {
            // Without room in the stage nothing can be found here; whoever asked learns it when it applies.
            return false;
        }
        return false;
    }

    private boolean useKept(Store store, KeptEntry entry, Use use) throws DiskException {
        try (var copy = openKept(entry)) {
            var other = use.take(copy);
            other.ifPresent(actual -> tell(store, entry, Optional.of(actual)));
            return other.isEmpty();
        } catch (UnreadableException e) {
            tellUnreadable(store, entry, e.errno());
            return false;
        }
    }

    private boolean isWhole(Store store, KeptEntry entry, LongConsumer pace) {
        try (var copy = openKept(entry)) {
            var actual = Optional.of(copy.digest(pace));
            if (actual.equals(entry.digest())) {
                return true;
            }
            tell(store, entry, actual);
        } catch (DiskException e) {
            tellUnreadable(store, entry, e.errno());
        }
        return false;
    }

    private static Path groupOf(KeptEntry entry) {
        return Objects.requireNonNull(entry.content().toAbsolutePath().getParent(), "a kept file lies in a directory");
    }

    private static OpenFile openKept(KeptEntry entry) throws DiskException {
        try (var directory = OpenDirectory.open(DurableCalls.DIRECT, groupOf(entry))) {
            return directory.openFile(
                    OpenDirectory.bytesOf(String.valueOf(entry.content().getFileName())));
        } catch (DiskException e) {
            throw new UnreadableException(e.failure().place(), e.errno());
        }
    }

    /** A generation that was dropped a moment ago is nothing to tell of. */
    private void tellUnreadable(Store store, KeptEntry entry, Errno errno) {
        if (!errno.equals(Errno.ENOENT)) {
            onCorruption.accept(new Corruption(entry, store.name(), Optional.empty(), "it can't be read: " + errno));
        }
    }

    private void tell(Store store, KeptEntry entry, Optional<Digest> actual) {
        onCorruption.accept(new Corruption(
                entry,
                store.name(),
                actual,
                "its digest is " + actual.map(Digest::abbreviated).orElse("unknown") + " and was "
                        + entry.digest().map(Digest::abbreviated).orElse("unknown")));
    }

    private static List<KeptEntry> found(Store store, Digest digest) {
        try {
            return store.entries().find(digest);
        } catch (DiskException unreadable) {
            // A store that can't be read has nothing to offer; its own purge and count tell of it.
            return List.of();
        }
    }

    /**
     * Digests every kept file anew, and tells of each that is damaged.
     *
     * @param pace hears of the bytes of each part that was read, and may take its time
     * @param goOn asked before each file; the scrub ends when it says no
     * @return how many files were looked at
     */
    public long scrub(LongConsumer pace, BooleanSupplier goOn) {
        long looked = 0;
        for (var store : stores) {
            for (var generation : generations(store)) {
                if (!(store.entries().list(generation) instanceof KeptListing.Listed listed)) {
                    continue;
                }
                for (var entry : listed.entries()) {
                    if (!goOn.getAsBoolean()) {
                        return looked;
                    }
                    if (entry.digest().isPresent()) {
                        isWhole(store, entry, pace);
                        looked++;
                    }
                }
            }
        }
        return looked;
    }

    private static List<GenerationId> generations(Store store) {
        try {
            return store.entries().groups();
        } catch (DiskException unreadable) {
            // A store that can't be read has nothing to look at; its own purge and count tell of it.
            return List.of();
        }
    }

    /** What came of mending. */
    public sealed interface Mending {
        /** The file has its bytes again. */
        record Mended() implements Mending {}

        /** The stage has not the right content. */
        record NoContent() implements Mending {}

        /** The disk refused. */
        record Failed(DiskFailure failure) implements Mending {}
    }

    /** Gives a damaged file its bytes again, from this search's stage. */
    public Mending mend(Corruption corruption) {
        var digest = corruption.entry().digest();
        if (digest.isEmpty() || !stage.has(digest.get())) {
            return new Mending.NoContent();
        }
        var store = stores.stream()
                .filter(it -> it.name().equals(corruption.place()))
                .findFirst()
                .orElseThrow();
        try (var source = stage.openFile(digest.get())) {
            return store.entries().mend(corruption.entry(), source) ? new Mending.Mended() : new Mending.NoContent();
        } catch (DiskException e) {
            return new Mending.Failed(e.failure());
        }
    }
}
