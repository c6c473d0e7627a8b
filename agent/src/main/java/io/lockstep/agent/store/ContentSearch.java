package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
    private final KeptStores kept;

    /**
     * @param stage where what is found is staged
     * @param replica the tree's root
     * @param onCorruption hears of kept files that are damaged; called by whoever searches
     */
    public ContentSearch(
            ContentStage stage, Trash trash, ConflictStore conflicts, Path replica, Consumer<Corruption> onCorruption) {
        this.stage = stage;
        this.replica = replica;
        this.kept = new KeptStores(trash, conflicts, onCorruption);
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
        for (var copy : kept.find(digest)) {
            if (kept.isWhole(copy, bytes -> {}) && takeKept(copy.entry(), into, name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean takeKept(KeptEntry entry, OpenDirectory into, byte[] name) throws DiskException {
        into.removeFileIfThere(name);
        try (var group = OpenDirectory.open(DurableCalls.DIRECT, KeptStores.directoryOf(entry))) {
            var file = OpenDirectory.bytesOf(String.valueOf(entry.content().getFileName()));
            // Not every user may give another's file a second name (proc(5), protected_hardlinks).
            if (group.tryLink(file, into, name).isNone()) {
                return true;
            }
        } catch (DiskException dropped) {
            return false;
        }
        try (var copy = KeptStores.open(entry)) {
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
            return useReplica(inReplica, use) || useKept(digest, use);
        } catch (DiskException refused) {
            // Without room in the stage nothing can be found here; whoever asked learns it when it applies.
            return false;
        }
    }

    private boolean useReplica(List<EntryPath> inReplica, Use use) throws DiskException {
        for (var path : inReplica) {
            try (var copy = openInReplica(path)) {
                if (use.take(copy).isEmpty()) {
                    return true;
                }
            } catch (UnreadableException changed) {
                // It was there at the last scan; another copy may be.
            }
        }
        return false;
    }

    private boolean useKept(Digest digest, Use use) throws DiskException {
        for (var copy : kept.find(digest)) {
            try (var file = KeptStores.open(copy.entry())) {
                var other = use.take(file);
                if (other.isEmpty()) {
                    return true;
                }
                kept.tell(copy, other);
            } catch (UnreadableException e) {
                kept.tellUnreadable(copy, e.errno());
            }
        }
        return false;
    }

    /** See {@link KeptStores#scrub}. */
    public long scrub(LongConsumer pace, BooleanSupplier goOn) {
        return kept.scrub(pace, goOn);
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
        try (var source = stage.openFile(digest.get())) {
            return kept.mend(corruption, source) ? new Mending.Mended() : new Mending.NoContent();
        } catch (DiskException e) {
            return new Mending.Failed(e.failure());
        }
    }
}
