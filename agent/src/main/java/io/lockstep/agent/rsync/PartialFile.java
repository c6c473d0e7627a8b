package io.lockstep.agent.rsync;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * One large file on its way, in a directory of its own that outlives attempts and this process: what arrived of it so
 * far, and what the next attempt may take blocks from.
 *
 * <pre>
 * in/PATH      where rsync writes
 * part         the most that an earlier attempt got: the file's beginning, or anything if a peer was not honest
 * basis/PATH   part, and the replica's older version behind it: the blocks that need not move
 * </pre>
 *
 * <p>Whatever these hold only decides how many bytes move. That the file is whole, only its digest says. For one thread.
 */
public final class PartialFile {
    private final Path directory;
    private final FileSet.Item file;

    /**
     * What {@code directory} holds of a file.
     *
     * @param directory belongs to this file's content and this agent's user alone; made when it is not there
     */
    public PartialFile(Path directory, FileSet.Item file) {
        this.directory = directory.toAbsolutePath();
        this.file = file;
    }

    /** An older version of the file. */
    public interface Older {
        /**
         * Appends the version's bytes.
         *
         * @return why it could not be had, for people; empty when it was appended
         * @throws IOException when the target can't be written
         */
        Optional<String> appendTo(FileChannel target) throws IOException;
    }

    /** The directory in which the file arrives at its path. */
    public Path target() {
        return directory.resolve("in");
    }

    Path basis() {
        return directory.resolve("basis");
    }

    private Path part() {
        return directory.resolve("part");
    }

    FileSet.Item file() {
        return file;
    }

    /** How much of the file the longest attempt got, as far as its length tells; 0 when nothing did. */
    public long arrivedBytes() throws IOException {
        return Math.max(lengthOf(part()), lengthOf(arrived()));
    }

    /** Whether an attempt got as many bytes as the file has. */
    public boolean hasFullLength() throws IOException {
        return lengthOf(arrived()) == file.sizeBytes();
    }

    private Path arrived() {
        return new RootedTree(target()).resolve(file.path());
    }

    private static long lengthOf(Path file) throws IOException {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /**
     * Keeps what the last attempt got, and makes ready for the next.
     *
     * @param older a version whose blocks are probably in the file, too; costs a copy of it
     * @return why the older version is not used, for people; empty when it is, or there is none
     * @throws IOException when the disk refuses
     */
    public Optional<String> prepare(Optional<Older> older) throws IOException {
        for (var needed : new Path[] {directory, target(), basis()}) {
            Files.createDirectories(
                    needed, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        long length = lengthOf(arrived());
        // As long as the file and still here: it had another digest, and is of no more use.
        if (length > lengthOf(part()) && length < file.sizeBytes()) {
            Files.move(arrived(), part(), StandardCopyOption.REPLACE_EXISTING);
        }
        new StagedFiles(target()).keepOnly(Set.of());
        new StagedFiles(basis()).keepOnly(Set.of());
        return makeBasis(older);
    }

    private Optional<String> makeBasis(Optional<Older> older) throws IOException {
        boolean hasPart = lengthOf(part()) > 0;
        var place = new RootedTree(basis()).resolve(file.path());
        if (hasPart || older.isPresent()) {
            Files.createDirectories(place.toAbsolutePath().getParent());
        }
        if (older.isEmpty()) {
            if (hasPart) {
                // rsync only reads the basis, and never what has two names.
                Files.createLink(place, part());
            }
            return Optional.empty();
        }
        Optional<String> problem;
        try (var out = FileChannel.open(place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            if (hasPart) {
                append(part(), out);
            }
            problem = older.get().appendTo(out);
        }
        return problem;
    }

    private static void append(Path source, FileChannel out) throws IOException {
        try (var in = FileChannel.open(source, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long size = in.size();
            for (long done = 0; done < size; ) {
                long moved = in.transferTo(done, size - done, out);
                if (moved <= 0) {
                    return;
                }
                done += moved;
            }
        }
    }

    /** Removes everything: the file is whole elsewhere, or nobody wants it. */
    public void remove() throws IOException {
        new StagedFiles(directory).remove();
    }
}
