package io.lockstep.agent.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lockstep.mount.Marker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/**
 * The file that says to which cluster a share belongs: {@code <share>/.lockstep/cluster} with
 * {@code {"clusterId": ID, "shareId": ID}}. An empty mountpoint or a wrong export doesn't have it.
 *
 * @param share the tree's directory on the share
 */
public record ShareMarker(Path share) {
    /** The marker's directory within a share. It begins with a dot, so the Gateway skips it. */
    public static final String DIRECTORY = ".lockstep";

    /** The marker's file in that directory. */
    public static final String NAME = "cluster";

    /** A marker that is longer is none. */
    public static final int MAX_SIZE_BYTES = 4096;

    /** What one look at the marker found. */
    public sealed interface Look {
        /** A marker of the cluster with this id. */
        record Present(String clusterId) implements Look {}

        /** The share's directory answers, and there is no marker in it. */
        record Absent() implements Look {}

        /** The share's directory is not there. */
        record NoShare() implements Look {}

        /** Reading failed, or the marker is not one; nothing is known of the share. */
        record Unreadable(String reason) implements Look {}
    }

    private static final Integer ROOT = 0;

    private record Content(String clusterId, String shareId) {}

    /** The marker that a file's content is; empty when it is none. */
    public static Optional<Marker> parse(String text) {
        return Marker.parse(text);
    }

    /** The content of a new marker, with a share id of its own. */
    public static String newText(String clusterId) {
        try {
            var content = new Content(clusterId, UUID.randomUUID().toString());
            return new JsonMapper().writeValueAsString(content) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("two texts can't be written as JSON", e);
        }
    }

    /** The marker's path. */
    public Path file() {
        return share.resolve(DIRECTORY).resolve(NAME);
    }

    /** Reads the marker. It blocks as long as the share does. */
    public Look look() {
        try (var channel = FileChannel.open(file(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            var bytes = Channels.newInputStream(channel).readNBytes(MAX_SIZE_BYTES);
            var text = new String(bytes, StandardCharsets.UTF_8);
            return parse(text)
                    .<Look>map(marker -> new Look.Present(marker.clusterId()))
                    .orElseGet(() -> new Look.Unreadable("it is not the JSON of a marker"));
        } catch (NoSuchFileException e) {
            return lookAtShare();
        } catch (IOException e) {
            return new Look.Unreadable(e.toString());
        }
    }

    /** ENOENT of the marker may be ENOENT of the share, and only an answer of the share itself tells them apart. */
    private Look lookAtShare() {
        try {
            var attributes = Files.readAttributes(share, java.nio.file.attribute.BasicFileAttributes.class);
            return attributes.isDirectory() ? new Look.Absent() : new Look.Unreadable("the share is not a directory");
        } catch (NoSuchFileException e) {
            return new Look.NoShare();
        } catch (IOException e) {
            return new Look.Unreadable(e.toString());
        }
    }

    /**
     * Writes the marker durably. A marker that already has this id is left as it is. What root makes belongs to the
     * share's owner, since the agents, which are not root, keep their beacons beside it.
     *
     * @return whether it was written now
     * @throws FileAlreadyExistsException when there is another cluster's marker, or a file that is no marker
     * @throws IOException when the share can't be written; {@code NoSuchFileException} when it isn't there
     */
    public boolean write(String clusterId) throws IOException {
        var look = look();
        if (look instanceof Look.NoShare) {
            throw new NoSuchFileException(share.toString());
        }
        if (!(look instanceof Look.Absent)) {
            requireOurs(look, clusterId);
            return false;
        }
        var directory = Files.createDirectories(share.resolve(DIRECTORY));
        giveAway(directory);
        var temporary = Files.createTempFile(directory, "cluster", ".new");
        try {
            var text = newText(clusterId);
            try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            // Temporary files are private, and every node's agent must read the marker.
            Files.setPosixFilePermissions(
                    temporary, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
            giveAway(temporary);
            moveIntoPlace(temporary);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(directory);
        sync(share);
        // Two people may have written at the same time; only one content is left, and both see which.
        requireOurs(look(), clusterId);
        return true;
    }

    private void giveAway(Path made) throws IOException {
        if (!Files.getAttribute(made, "unix:uid").equals(ROOT)) {
            return;
        }
        for (var attribute : new String[] {"unix:uid", "unix:gid"}) {
            Files.setAttribute(made, attribute, Files.getAttribute(share, attribute));
        }
    }

    private void moveIntoPlace(Path temporary) throws IOException {
        try {
            Files.move(temporary, file(), StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the share can't rename a file within a directory: " + temporary.getParent(), e);
        }
    }

    private void requireOurs(Look look, String clusterId) throws FileAlreadyExistsException {
        if (look instanceof Look.Present present && present.clusterId().equals(clusterId)) {
            return;
        }
        var found = look instanceof Look.Present other
                ? "belongs to cluster '" + other.clusterId() + "'"
                : "can't be read as a marker: " + look;
        throw new FileAlreadyExistsException(file().toString(), null, found);
    }

    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
