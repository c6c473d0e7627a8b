package io.lockstep.agent.store;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.digest.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Content that was fetched and not yet applied, by digest. A file's name is its digest's 64 hexadecimal digits, which is
 * no name that a Gateway deploys; a file with such a name is whole, because it got the name after its content was
 * digested and durable.
 *
 * <p>The directory is made when it is first needed. Several threads may use one stage, and several processes one
 * directory.
 */
public final class ContentStage {
    private static final String PART = ".part";
    /** Two processes may take in the same content at the same time, each under a name of its own. */
    private static final String OWN = "." + ProcessHandle.current().pid() + "-";

    private final Path directory;
    private final DurableCalls calls;
    private final AtomicLong nextPart = new AtomicLong();

    /** A stage in {@code directory}, which lies outside of every live path and belongs to this stage alone. */
    public ContentStage(Path directory) {
        this(directory, DurableCalls.DIRECT);
    }

    /** The same; {@code watch} hears of every call. */
    public ContentStage(Path directory, CallWatch watch) {
        this(directory, DurableCalls.watchedBy(watch));
    }

    ContentStage(Path directory, DurableCalls calls) {
        this.directory = directory;
        this.calls = calls;
    }

    /** What came of taking content in. */
    public sealed interface Adoption {
        /** The stage holds it. */
        record Adopted() implements Adoption {}

        /** The bytes have another digest; nothing was taken in. */
        record WrongDigest(Digest actual) implements Adoption {}

        /** The file that should hold it could not be read. */
        record SourceUnreadable(DiskFailure failure) implements Adoption {}

        /** The stage's own disk refused. */
        record Failed(DiskFailure failure) implements Adoption {}
    }

    /** Whether the content is here. A stage that can't be read has nothing: the caller fetches it, and learns why then. */
    public boolean has(Digest digest) {
        try (var stage = OpenDirectory.open(calls, directory)) {
            return stage.look(nameOf(digest)).filter(EntryLook::isFile).isPresent();
        } catch (DiskException absent) {
            return false;
        }
    }

    /** Opens the content for reading; {@code ENOENT} when it is not here. The reader digests it again as it reads. */
    public Attempt<FileHandle> open(Digest digest) {
        try {
            return new Attempt.Done<>(openFile(digest).handle());
        } catch (DiskException e) {
            return new Attempt.Failed<>(e.errno());
        }
    }

    /**
     * The content as a stream. The reader digests it again as it reads.
     *
     * @throws IOException when it can't be read; {@code NoSuchFileException} when it is not here
     */
    public InputStream stream(Digest digest) throws IOException {
        return Files.newInputStream(directory.resolve(digest.toString()), LinkOption.NOFOLLOW_LINKS);
    }

    OpenFile openFile(Digest digest) throws DiskException {
        try (var stage = OpenDirectory.open(calls, directory)) {
            return stage.openFile(nameOf(digest));
        }
    }

    /**
     * Takes in a copy of a file that should have this digest, digesting what it writes. The file itself stays as it is.
     */
    public Adoption adopt(Path verifiedFile, Digest digest) {
        var name = verifiedFile.getFileName();
        var parent = verifiedFile.toAbsolutePath().getParent();
        if (name == null || parent == null) {
            return new Adoption.SourceUnreadable(new DiskFailure("open", verifiedFile.toString(), Errno.EINVAL));
        }
        try (var from = OpenDirectory.open(calls, parent);
                var source = from.openFile(OpenDirectory.bytesOf(name.toString()))) {
            return adopt(source, digest);
        } catch (DiskException e) {
            return new Adoption.SourceUnreadable(e.failure());
        }
    }

    /** As {@link #adopt(Path, Digest)}, for an open file that nothing was read of yet. */
    Adoption adopt(OpenFile source, Digest digest) {
        try (var stage = OpenDirectory.openOrMake(calls, directory)) {
            var part = OpenDirectory.bytesOf(digest + OWN + nextPart.getAndIncrement() + PART);
            stage.removeFileIfThere(part);
            Digest actual = copyOrRemove(source, stage, part);
            if (!actual.equals(digest)) {
                stage.removeFile(part);
                return new Adoption.WrongDigest(actual);
            }
            // The name need not be durable: content that a crash takes away is fetched again.
            stage.rename(part, stage, nameOf(digest));
            return new Adoption.Adopted();
        } catch (UnreadableException e) {
            return new Adoption.SourceUnreadable(e.failure());
        } catch (DiskException e) {
            return new Adoption.Failed(e.failure());
        }
    }

    /** A torn copy on a full disk would be in the way of the next attempt, so that none is left behind. */
    private static Digest copyOrRemove(OpenFile source, OpenDirectory stage, byte[] part) throws DiskException {
        try (var target = stage.createFile(part)) {
            return source.copyTo(target);
        } catch (DiskException e) {
            var removed = stage.tryRemoveFile(part);
            if (!removed.isNone()) {
                e.addSuppressed(new DiskException("remove", stage.placeOf(part), removed));
            }
            throw e;
        }
    }

    /** Returns when everything that was taken in is on the device; before that, a power failure can take it away. */
    public Optional<DiskFailure> makeDurable() {
        try (var stage = OpenDirectory.openOrMake(calls, directory)) {
            stage.syncFileSystem();
            return Optional.empty();
        } catch (DiskException e) {
            return Optional.of(e.failure());
        }
    }

    /** Drops one content that turned out not to be what its name says. */
    void discard(Digest digest) throws DiskException {
        try (var stage = OpenDirectory.open(calls, directory)) {
            stage.removeFileIfThere(nameOf(digest));
        }
    }

    /** What came of dropping content. */
    public sealed interface Retention {
        /** How many files were dropped, and how many of the wanted ones are here. */
        record Retained(int dropped, int kept) implements Retention {}

        /** The disk refused; some may have been dropped. */
        record Failed(DiskFailure failure) implements Retention {}
    }

    /**
     * Drops whatever is not the content of one of {@code needed}, leftovers of a crash too, so that the stage never
     * holds more than what some generation still needs. Not while another thread adopts.
     */
    public Retention retain(Set<Digest> needed) {
        int[] counts = new int[2];
        try {
            var there = OpenDirectory.openIfThere(calls, directory);
            if (there.isPresent()) {
                try (var stage = there.get()) {
                    stage.eachName(name -> {
                        if (isNeeded(name, needed)) {
                            counts[1]++;
                        } else {
                            stage.removeFile(name);
                            counts[0]++;
                        }
                    });
                }
            }
        } catch (DiskException e) {
            return new Retention.Failed(e.failure());
        }
        return new Retention.Retained(counts[0], counts[1]);
    }

    private static boolean isNeeded(byte[] name, Set<Digest> needed) {
        if (name.length != 2 * Digest.BYTES) {
            return false;
        }
        try {
            return needed.contains(Digest.parse(new String(name, StandardCharsets.US_ASCII)));
        } catch (IllegalArgumentException notADigest) {
            return false;
        }
    }

    private static byte[] nameOf(Digest digest) {
        return OpenDirectory.bytesOf(digest.toString());
    }
}
