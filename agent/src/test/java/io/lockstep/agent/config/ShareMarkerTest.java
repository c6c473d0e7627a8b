package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShareMarkerTest {
    @TempDir
    private Path share;

    @Test
    void isWrittenOnceAndReadBack() throws IOException {
        var marker = new ShareMarker(share);

        assertThat(marker.look()).isEqualTo(new ShareMarker.Look.Absent());
        assertThat(marker.write("prod")).isTrue();
        assertThat(marker.write("prod")).isFalse();
        assertThat(marker.look()).isEqualTo(new ShareMarker.Look.Present("prod"));
        assertThat(Files.readString(share.resolve(".lockstep/cluster")))
                .matches("\\{\"clusterId\":\"prod\",\"shareId\":\"[0-9a-f-]{36}\"}\n");
        try (var files = Files.list(share.resolve(".lockstep"))) {
            assertThat(files).hasSize(1);
        }
    }

    /** Setup is often run as root, and the agents keep their beacons beside the marker. */
    @Test
    void whatRootMakesBelongsToTheSharesOwner() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may give files to others");
        int agent = 12_345;
        Files.setAttribute(share, "unix:uid", agent);
        Files.setAttribute(share, "unix:gid", agent);

        var marker = new ShareMarker(share);
        marker.write("prod");

        for (var made : List.of(marker.file(), marker.file().resolveSibling(""))) {
            assertThat(Files.getAttribute(made, "unix:uid")).as(made.toString()).isEqualTo(agent);
            assertThat(Files.getAttribute(made, "unix:gid")).as(made.toString()).isEqualTo(agent);
        }
    }

    @Test
    void anotherClustersMarkerStays() throws IOException {
        var marker = new ShareMarker(share);
        marker.write("prod");

        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> marker.write("test"))
                .withMessageContaining("belongs to cluster 'prod'");
        assertThat(marker.look()).isEqualTo(new ShareMarker.Look.Present("prod"));
    }

    @Test
    void aDamagedMarkerIsNeitherAbsentNorReplaced() throws IOException {
        var marker = new ShareMarker(share);
        Files.createDirectory(share.resolve(".lockstep"));
        Files.writeString(marker.file(), "");

        assertThat(marker.look()).isInstanceOf(ShareMarker.Look.Unreadable.class);
        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> marker.write("prod"));
    }

    @Test
    void aLinkInTheMarkersPlaceIsNotFollowed() throws IOException {
        var marker = new ShareMarker(share);
        Files.createDirectory(share.resolve(".lockstep"));
        Files.createSymbolicLink(marker.file(), Files.writeString(share.resolve("x"), "{\"clusterId\":\"prod\"}"));

        assertThat(marker.look()).isInstanceOf(ShareMarker.Look.Unreadable.class);
    }

    @Test
    void aShareThatIsAwayIsNotMadeAndNotTakenForAnUnmarkedOne() {
        var marker = new ShareMarker(share.resolve("away"));

        assertThat(marker.look()).isEqualTo(new ShareMarker.Look.NoShare());
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> marker.write("prod"));
    }
}
