package io.lockstep.agent.setup;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.DirectoryHandle.Existing;
import io.lockstep.agent.posix.Errno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A link to the replica in place of the Gateway's directory, which keeps all that it holds under another name. Both change
 * places in one step.
 *
 * @param aside the directory's other name
 */
public record ReplaceByLink(String live, String replica, String share, String aside, String why) implements Step {
    private Path path() {
        return Path.of(live);
    }

    private Path kept() {
        return Path.of(aside);
    }

    @Override
    public String what() {
        return "Put a link to " + replica + " in place of " + live + ", which is kept as " + aside;
    }

    @Override
    public String command() {
        return HostCommand.typed("mv", live, aside) + " && " + HostCommand.typed("ln", "-s", replica, live);
    }

    @Override
    public String now() throws IOException {
        if (Files.isSymbolicLink(path())) {
            return "it is a link to " + Files.readSymbolicLink(path());
        }
        return Files.isDirectory(path(), LinkOption.NOFOLLOW_LINKS) ? "it is a directory" : "it is not there";
    }

    @Override
    public boolean hasHappened() {
        return Files.isSymbolicLink(path()) && isDirectory(kept());
    }

    private static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void apply(Checkpoint checkpoint) throws IOException {
        if (isDirectory(kept()) && isAbsent(path())) {
            // An earlier attempt without an exchange ended between the two renames.
            Files.createSymbolicLink(path(), Path.of(replica));
            return;
        }
        if (!isDirectory(path()) || isDirectory(kept())) {
            throw new IOException(live + " is not the directory that it was, or " + aside + " is in the way");
        }
        var original = TreeContents.of(path());
        requireSame(original, TreeContents.of(Path.of(replica)));
        if (!Files.isSymbolicLink(kept())) {
            Files.createSymbolicLink(kept(), Path.of(replica));
        }
        Owned.giveTo(kept(), path());
        checkpoint.pass();
        if (!exchange()) {
            Files.delete(kept());
            checkpoint.pass();
            Files.move(path(), kept(), StandardCopyOption.ATOMIC_MOVE);
            checkpoint.pass();
            Files.createSymbolicLink(path(), Path.of(replica));
        }
        Owned.sync(Owned.above(path()));
        checkpoint.pass();
        try {
            // What was written after the last look went into the directory that is aside now.
            requireSame(TreeContents.of(kept()), original);
        } catch (IOException writtenMeanwhile) {
            undo(checkpoint);
            throw writtenMeanwhile;
        }
    }

    private void requireSame(TreeContents one, TreeContents other) throws IOException {
        var differences = one.differences(other);
        if (!differences.isEmpty()) {
            throw new IOException(live + " and its copy " + replica + " differ in " + String.join(", ", differences)
                    + ": something writes there; stop the Gateway, undo, and apply again");
        }
    }

    @Override
    public Optional<String> undo(Checkpoint checkpoint) throws IOException {
        if (isDirectory(kept())) {
            requireOurLink();
            if (isAbsent(path()) || !exchange()) {
                Files.deleteIfExists(path());
                checkpoint.pass();
                Files.move(kept(), path(), StandardCopyOption.ATOMIC_MOVE);
            }
            checkpoint.pass();
        }
        if (Files.isSymbolicLink(kept())) {
            Files.delete(kept());
        }
        Owned.sync(Owned.above(path()));
        return Optional.empty();
    }

    private static boolean isAbsent(Path path) {
        return Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** The agent may have led it to the share since. */
    private void requireOurLink() throws IOException {
        if (isAbsent(path())) {
            return;
        }
        var target =
                Files.isSymbolicLink(path()) ? Files.readSymbolicLink(path()).toString() : "";
        if (!target.equals(replica) && !target.equals(share)) {
            throw new IOException(live + " is no link to " + replica + " or " + share + " any more; the directory that"
                    + " was there is " + aside);
        }
    }

    /** Lets both names change places; false when the file system can't. */
    private boolean exchange() throws IOException {
        if (DirectoryHandle.open(Owned.above(path())) instanceof Attempt.Done<DirectoryHandle> done) {
            try (var directory = done.value()) {
                var errno = directory.rename(bytes(kept()), directory, bytes(path()), Existing.EXCHANGE);
                if (!errno.isNone() && !errno.equals(Errno.EINVAL) && !errno.equals(Errno.ENOSYS)) {
                    throw new IOException("could not exchange " + live + " and " + aside + ": " + errno);
                }
                return errno.isNone();
            }
        }
        throw new IOException(Owned.above(path()) + " can't be opened");
    }

    private static byte[] bytes(Path path) {
        return path.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    }
}
