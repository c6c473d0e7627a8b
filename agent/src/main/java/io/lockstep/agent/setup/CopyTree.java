package io.lockstep.agent.setup;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.apache.commons.io.file.PathUtils;

/**
 * A copy of a whole directory, with times, modes and owners, that gets its name only when every file was read again and is
 * the same.
 *
 * @param wasThere whether an empty directory had the copy's name
 */
public record CopyTree(String from, String to, boolean wasThere, String why) implements Step {
    private static final int MODE = 0755;

    private Path source() {
        return Path.of(from);
    }

    private Path target() {
        return Path.of(to);
    }

    @Override
    public String what() {
        return "Copy all of " + from + " to " + to
                + ", with times, modes and owners; read every file again and compare";
    }

    @Override
    public String command() {
        return HostCommand.typed(copy(to)) + " && " + HostCommand.typed("diff", "-r", "--no-dereference", from, to);
    }

    private String[] copy(String target) {
        return new String[] {"cp", "--archive", "--no-target-directory", from, target};
    }

    @Override
    public String now() throws IOException {
        if (!Files.exists(target(), LinkOption.NOFOLLOW_LINKS)) {
            return "there is no copy";
        }
        return hasHappened() ? "the copy is there" : TreeContents.isEmpty(target()) ? "it is empty" : "it differs";
    }

    @Override
    public boolean hasHappened() throws IOException {
        return Files.isDirectory(source(), LinkOption.NOFOLLOW_LINKS)
                && Files.isDirectory(target(), LinkOption.NOFOLLOW_LINKS)
                && TreeContents.of(source())
                        .differences(TreeContents.of(target()))
                        .isEmpty();
    }

    @Override
    public void apply(Checkpoint checkpoint) throws IOException {
        var part = Owned.part(target());
        removePart(part);
        checkpoint.pass();
        HostCommand.run(HostCommand.COPY, copy(part.toString()));
        syncFileSystem(part);
        checkpoint.pass();
        var differences = TreeContents.of(source()).differences(TreeContents.of(part));
        if (!differences.isEmpty()) {
            throw new IOException("the copy of " + from + " differs in " + String.join(", ", differences)
                    + ": something writes there; stop the Gateway, and apply again");
        }
        checkpoint.pass();
        // Over an empty directory, or where nothing is; anything else is refused.
        Files.move(part, target(), StandardCopyOption.ATOMIC_MOVE);
        Owned.sync(Owned.above(target()));
    }

    private static void removePart(Path part) throws IOException {
        if (Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
            PathUtils.deleteDirectory(part);
        }
    }

    private static void syncFileSystem(Path directory) throws IOException {
        if (DirectoryHandle.open(directory) instanceof Attempt.Done<DirectoryHandle> done) {
            try (var handle = done.value()) {
                var errno = handle.syncFileSystem();
                if (!errno.isNone()) {
                    throw new IOException("the copy " + directory + " could not be made durable: " + errno);
                }
            }
        } else {
            throw new IOException(directory + " can't be opened");
        }
    }

    @Override
    public Optional<String> undo(Checkpoint checkpoint) throws IOException {
        removePart(Owned.part(target()));
        checkpoint.pass();
        if (!Files.exists(target(), LinkOption.NOFOLLOW_LINKS) || TreeContents.isEmpty(target())) {
            return restoreEmpty(checkpoint);
        }
        if (!hasHappened()) {
            return Optional.of(to + " is left: it is no longer the same as " + from);
        }
        // The original is back in its place, and the copy has nothing that it lacks. Under another name it can't be
        // taken
        // for a replica when this ends halfway.
        Files.move(target(), Owned.part(target()), StandardCopyOption.ATOMIC_MOVE);
        checkpoint.pass();
        removePart(Owned.part(target()));
        return restoreEmpty(checkpoint);
    }

    private Optional<String> restoreEmpty(Checkpoint checkpoint) throws IOException {
        boolean isThere = Files.exists(target(), LinkOption.NOFOLLOW_LINKS);
        if (wasThere && !isThere) {
            Owned.directory(target(), MODE, checkpoint);
        } else if (!wasThere && isThere) {
            Files.delete(target());
        }
        return Optional.empty();
    }
}
