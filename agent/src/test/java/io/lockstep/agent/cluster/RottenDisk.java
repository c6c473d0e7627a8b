package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A small ext4 in a file, mounted, whose blocks can be changed beneath it: no size, time or inode tells of that. */
final class RottenDisk implements AutoCloseable {
    private static final int BLOCK_BYTES = 4096;

    private final Path image;
    private final Path mountpoint;

    private RottenDisk(Path image, Path mountpoint) {
        this.image = image;
        this.mountpoint = mountpoint;
    }

    /** Skips the test where no such disk can be mounted. */
    static RottenDisk mountAt(Path mountpoint, Path image) throws Exception {
        assumeTrue(FailureIT.isRoot(), "only root can mount a disk");
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(256L << 20);
        }
        assumeTrue(
                run("mkfs.ext4", "-q", "-b", Integer.toString(BLOCK_BYTES), image.toString()) == 0,
                "mkfs.ext4 is missing");
        assumeTrue(
                run("mount", "-o", "loop", image.toString(), mountpoint.toString()) == 0,
                "no loop device can be mounted here");
        return new RottenDisk(image, mountpoint);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (IOException notInstalled) {
            return -1;
        }
    }

    /** Flips a bit in the middle of a file, and of all other files that have the same block. */
    void rot(Path file) throws Exception {
        var before = Files.getAttribute(file, "unix:ctime");
        var content = Files.readAllBytes(file);
        int at = content.length / 2 / BLOCK_BYTES * BLOCK_BYTES;
        var block = Arrays.copyOfRange(content, at, at + BLOCK_BYTES);
        SeenTree.run("sync", "-f", mountpoint.toString());
        flipWhereverIs(block);
        // The pages that the mounted file system still has of the file show the old bytes.
        SeenTree.run("dd", "if=" + file, "iflag=nocache", "count=0", "status=none");

        assertThat(Arrays.equals(Files.readAllBytes(file), content))
                .as("a reader gets the same")
                .isFalse();
        assertThat(Files.getAttribute(file, "unix:ctime")).isEqualTo(before);
    }

    private void flipWhereverIs(byte[] block) throws IOException {
        // The stage had a copy, too, and the blocks of what was removed keep what they held.
        int flipped = 0;
        try (var disk = new RandomAccessFile(image.toFile(), "rw")) {
            var found = new byte[BLOCK_BYTES];
            for (long at = 0; at < disk.length(); at += BLOCK_BYTES) {
                disk.seek(at);
                disk.readFully(found);
                if (Arrays.equals(found, block)) {
                    disk.seek(at);
                    disk.write(found[0] ^ 1);
                    flipped++;
                }
            }
        }
        assertThat(flipped).as("places of the block on the disk").isPositive();
    }

    @Override
    public void close() throws Exception {
        SeenTree.run("umount", mountpoint.toString());
        Files.delete(image);
    }
}
