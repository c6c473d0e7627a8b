package io.lockstep.agent.scan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Random;
import org.apache.commons.io.FileUtils;

/** A small tree that is changed at random. */
public final class PerturbedTree {
    private final Path root;
    private final Random random;

    /** The tree at {@code root}, which is there. */
    public PerturbedTree(Path root, Random random) {
        this.root = root;
        this.random = random;
    }

    /** Makes, changes, replaces or removes something. */
    public void perturb() throws IOException {
        var parent = randomDirectory();
        var target = parent.resolve("n" + random.nextInt(6));
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(target);
                    Files.write(target, new byte[] {(byte) random.nextInt(3), (byte) random.nextInt(3)});
                }
            }
            case 2 -> {
                if (Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
                    // The same size and the same mtime: only ctime tells.
                    var time = Files.getLastModifiedTime(target);
                    Files.write(target, new byte[] {(byte) random.nextInt(3), (byte) random.nextInt(3)});
                    Files.setLastModifiedTime(target, time);
                }
            }
            case 3 -> {
                if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(target);
                }
            }
            case 4 -> {
                if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    FileUtils.forceDelete(target.toFile());
                }
            }
            default -> {
                if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createSymbolicLink(target, root);
                }
            }
        }
    }

    private Path randomDirectory() throws IOException {
        var directories = new ArrayList<Path>();
        try (var walk = Files.walk(root, 4)) {
            walk.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .sorted(Comparator.naturalOrder())
                    .forEach(directories::add);
        }
        return directories.get(random.nextInt(directories.size()));
    }
}
