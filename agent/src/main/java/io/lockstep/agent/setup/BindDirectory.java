package io.lockstep.agent.setup;

import io.lockstep.agent.config.MountInfo;
import io.lockstep.mount.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A private bind of one directory at another one, without the mounts in it: an underlay. */
public record BindDirectory(String source, String point, String why) implements Step {
    @Override
    public String what() {
        return "Bind " + source + " at " + point + ", privately and without what is mounted in it";
    }

    @Override
    public String command() {
        return HostCommand.typed(mount());
    }

    private String[] mount() {
        return new String[] {"mount", "--bind", "--make-private", source, point};
    }

    @Override
    public String now() throws IOException {
        var at = new MountInfo().read().at(point);
        return at.isEmpty()
                ? "nothing is mounted there"
                : hasHappened() ? "it is bound" : "something else is mounted there";
    }

    @Override
    public boolean hasHappened() throws IOException {
        var mounts = new MountInfo().read();
        return mounts.at(point).isPresent() && Place.isSame(mounts, source, point);
    }

    /** Whether both directories are there and nothing is mounted. */
    boolean canHappen() throws IOException {
        return Files.isDirectory(Path.of(source))
                && Files.isDirectory(Path.of(point))
                && new MountInfo().read().at(point).isEmpty();
    }

    @Override
    public void apply(Checkpoint checkpoint) throws IOException {
        HostCommand.run(HostCommand.MOUNT, mount());
    }

    @Override
    public Optional<String> undo(Checkpoint checkpoint) throws IOException {
        // After a restart of the host it may be gone already.
        if (hasHappened()) {
            HostCommand.run(HostCommand.MOUNT, "umount", point);
        }
        return Optional.empty();
    }
}
