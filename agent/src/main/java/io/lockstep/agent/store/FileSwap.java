package io.lockstep.agent.store;

import io.lockstep.agent.posix.DirectoryHandle.Existing;
import io.lockstep.agent.posix.Errno;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestEntry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes a file beside its tree and swaps it in, so that the final name always shows the old bytes or the new, whole,
 * and so that what had the name is never dropped unseen: it comes out under a temporary name.
 *
 * <p>The temporaries of step n are {@code n.part} while they are written, which never stood in a tree; {@code n.new}
 * once they are whole, and after an exchange what came out; {@code n.old} for what was taken out. No Gateway deploys
 * such a name, and none lies in a tree.
 */
final class FileSwap {
    /** Each round that fails means that somebody put or took the very same name meanwhile. */
    private static final int MAX_ROUNDS = 8;

    /** A file system or kernel that does not know an exchange or a refusing rename. NFS says EINVAL. */
    private static final Set<Errno> UNSUPPORTED = Set.of(Errno.EINVAL, Errno.ENOSYS);

    private final OpenDirectory tmp;
    private final Set<Long> ahead = new TreeSet<>();

    FileSwap(OpenDirectory tmp) {
        this.tmp = tmp;
    }

    /** What came of a swap. */
    sealed interface Swap {
        /** Nothing had the name. */
        record Placed() implements Swap {}

        /** What had the name is now in tmp, under {@link #fresh} when by an exchange, else under {@link #old}. */
        record CameOut(boolean byExchange) implements Swap {}

        /** The tree and tmp are as they were. */
        record Refused(Errno errno) implements Swap {}
    }

    static byte[] part(long number) {
        return OpenDirectory.bytesOf(number + ".part");
    }

    static byte[] fresh(long number) {
        return OpenDirectory.bytesOf(number + ".new");
    }

    static byte[] old(long number) {
        return OpenDirectory.bytesOf(number + ".old");
    }

    /**
     * Writes the file that {@code wanted} says to {@link #fresh}, durable, from the stage's content.
     *
     * @return false when the stage's content has not the digest; then nothing is left in tmp
     */
    boolean write(long number, ManifestEntry wanted, ContentStage stage) throws DiskException {
        if (!ahead.remove(number) && !writePart(number, wanted, stage, true)) {
            return false;
        }
        tmp.rename(part(number), tmp, fresh(number));
        return true;
    }

    /**
     * Writes the contents of many steps to {@link #part} and makes them durable together; {@link #write} takes them
     * from there.
     *
     * @param first the number of the first; they are consecutive
     * @param wanted empty at a step that needs no content
     */
    void writeAhead(long first, List<Optional<ManifestEntry>> wanted, ContentStage stage) throws DiskException {
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).isPresent() && writePart(first + i, wanted.get(i).get(), stage, false)) {
                ahead.add(first + i);
            }
        }
        tmp.syncFileSystem();
    }

    /** Drops what was written ahead for steps that turned out not to need it. */
    void dropAhead() throws DiskException {
        for (var number : ahead) {
            tmp.removeFile(part(number));
        }
        ahead.clear();
    }

    private boolean writePart(long number, ManifestEntry wanted, ContentStage stage, boolean durably)
            throws DiskException {
        Digest actual;
        try (var source = stage.openFile(wanted.digest().orElseThrow());
                var target = tmp.createFile(part(number))) {
            actual = source.copyTo(target);
            target.setMode(wanted.mode());
            target.setModificationTime(wanted.mtimeNanos());
            if (durably) {
                target.sync();
            }
        } catch (DiskException e) {
            removeAfter(e, part(number));
            throw e;
        }
        if (!wanted.digest().equals(Optional.of(actual))) {
            tmp.removeFile(part(number));
            return false;
        }
        return true;
    }

    /** A full disk gets the torn copy's room back; the first failure is the one to tell. */
    private void removeAfter(DiskException failure, byte[] name) {
        var removed = tmp.tryRemoveFile(name);
        if (!removed.isNone() && !removed.equals(Errno.ENOENT)) {
            failure.addSuppressed(new DiskException("remove", tmp.placeOf(name), removed));
        }
    }

    /**
     * Gives {@link #fresh} the final name.
     *
     * @param mayReplace whether something that is there now may come out; else the swap is refused with {@code EEXIST}
     */
    Swap swapIn(long number, OpenDirectory parent, byte[] name, boolean mayReplace) throws DiskException {
        boolean occupied = parent.look(name).isPresent();
        Swap swap = new Swap.Refused(Errno.EEXIST);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            if (occupied && !mayReplace) {
                return new Swap.Refused(Errno.EEXIST);
            }
            swap = occupied ? exchange(number, parent, name) : place(number, parent, name);
            if (!(swap instanceof Swap.Refused refused)) {
                return swap;
            }
            if (occupied && refused.errno().equals(Errno.ENOENT)) {
                occupied = false;
            } else if (!occupied && refused.errno().equals(Errno.EEXIST)) {
                occupied = true;
            } else {
                return swap;
            }
        }
        return swap;
    }

    private Swap place(long number, OpenDirectory parent, byte[] name) throws DiskException {
        var errno = tmp.tryRename(fresh(number), parent, name, Existing.REFUSE);
        if (UNSUPPORTED.contains(errno)) {
            errno = tmp.tryLink(fresh(number), parent, name);
            if (errno.isNone()) {
                tmp.removeFile(fresh(number));
            }
        }
        return errno.isNone() ? new Swap.Placed() : new Swap.Refused(errno);
    }

    private Swap exchange(long number, OpenDirectory parent, byte[] name) throws DiskException {
        var errno = tmp.tryRename(fresh(number), parent, name, Existing.EXCHANGE);
        if (errno.isNone()) {
            return new Swap.CameOut(true);
        }
        return UNSUPPORTED.contains(errno) ? linkAndReplace(number, parent, name) : new Swap.Refused(errno);
    }

    /**
     * The exchange of file systems that have none: the old file gets a second name in tmp, then loses its first to the
     * new one. A write that renames a file into place between these two calls would be lost; that they follow each
     * other at once is all that can be done there.
     */
    private Swap linkAndReplace(long number, OpenDirectory parent, byte[] name) throws DiskException {
        var look = parent.look(name);
        if (look.isPresent() && !isLinkable(look.get())) {
            // A directory has no second name, and no file can replace it: it has to go first. It is not put back when
            // the second step fails, because a failure here says that the disk is ill; the next recovery keeps it.
            parent.rename(name, tmp, old(number));
            tmp.rename(fresh(number), parent, name);
            return new Swap.CameOut(false);
        }
        var errno = parent.tryLink(name, tmp, old(number));
        if (!errno.isNone()) {
            return new Swap.Refused(errno);
        }
        errno = tmp.tryRename(fresh(number), parent, name, Existing.REPLACE);
        if (!errno.isNone()) {
            tmp.removeFile(old(number));
            return new Swap.Refused(errno);
        }
        return new Swap.CameOut(false);
    }

    private static boolean isLinkable(EntryLook look) {
        return look.type() != EntryType.DIRECTORY;
    }

    /**
     * Takes back a swap whose outcome nobody wanted, leaving under {@link #fresh} what the final name showed meanwhile.
     */
    Errno exchangeBack(long number, OpenDirectory parent, byte[] name) {
        return tmp.tryRename(fresh(number), parent, name, Existing.EXCHANGE);
    }
}
