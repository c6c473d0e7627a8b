package io.lockstep.agent.setup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Makes things that belong to whom the directory above belongs to, since setup runs as root and the agent does not. */
final class Owned {
    private Owned() {}

    /** Makes a directory, in one step that shows it with its owner and mode. */
    static void directory(Path path, int mode, Checkpoint checkpoint) throws IOException {
        var part = part(path);
        Files.deleteIfExists(part);
        Files.createDirectory(part);
        checkpoint.pass();
        giveTo(part, above(path));
        Files.setAttribute(part, "unix:mode", mode);
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
        sync(above(path));
    }

    /** Under which name it is made. */
    static Path part(Path path) {
        return path.resolveSibling("." + path.getFileName() + ".lockstep-setup");
    }

    static Path above(Path path) {
        var parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("nothing is above " + path);
        }
        return parent;
    }

    /** Gives {@code path} the owner and group of {@code like}. */
    static void giveTo(Path path, Path like) throws IOException {
        for (var attribute : new String[] {"unix:uid", "unix:gid"}) {
            Files.setAttribute(path, attribute, Files.getAttribute(like, attribute), LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Makes a directory's names durable. */
    static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
