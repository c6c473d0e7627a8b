package io.lockstep.agent.setup;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A directory for the agent, of the owner of the directory above.
 *
 * @param mode its permission bits
 */
public record MakeDirectory(String directory, int mode, String why) implements Step {
    private Path path() {
        return Path.of(directory);
    }

    @Override
    public String what() {
        return "Make the directory " + directory;
    }

    @Override
    public String command() {
        var above = Owned.above(path()).toString();
        return HostCommand.typed("mkdir", "-m", Integer.toOctalString(mode), directory) + " && "
                + HostCommand.typed("chown", "--reference=" + above, directory);
    }

    @Override
    public String now() {
        return hasHappened() ? "it is there" : "it is not there";
    }

    @Override
    public boolean hasHappened() {
        return Files.isDirectory(path(), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void apply(Checkpoint checkpoint) throws IOException {
        if (!hasHappened()) {
            Owned.directory(path(), mode, checkpoint);
        }
    }

    @Override
    public Optional<String> undo(Checkpoint checkpoint) throws IOException {
        Files.deleteIfExists(Owned.part(path()));
        try {
            Files.deleteIfExists(path());
            return Optional.empty();
        } catch (DirectoryNotEmptyException e) {
            return Optional.of(directory + " is left: something is in it");
        }
    }
}
