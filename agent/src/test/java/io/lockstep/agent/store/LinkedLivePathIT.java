package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.LivePath.Flip;
import io.lockstep.cluster.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivePathIT {
    @TempDir
    Path base;

    @SuppressWarnings("NullAway.Init")
    private LivePath livePath;

    @SuppressWarnings("NullAway.Init")
    private Path live;

    @BeforeEach
    void setUp() {
        live = base.resolve("server");
        livePath = new LivePath(live, base.resolve("mount/server"), base.resolve("replica/server"));
    }

    @Test
    void anAbsentLivePathIsMadeAndThenFlipped() throws IOException {
        assertThat(livePath.look()).isEqualTo(Serving.ABSENT);

        assertThat(livePath.flip(Serving.REPLICA)).isEqualTo(new Flip.Flipped());
        assertThat(livePath.look()).isEqualTo(Serving.REPLICA);
        assertThat(livePath.flip(Serving.MOUNT)).isEqualTo(new Flip.Flipped());
        assertThat(livePath.look()).isEqualTo(Serving.MOUNT);

        assertThat(Files.readSymbolicLink(live)).isEqualTo(base.resolve("mount/server"));
        assertThat(livePath.flip(Serving.MOUNT)).isEqualTo(new Flip.AlreadyThere());
        try (var left = Files.list(base)) {
            assertThat(left).containsExactly(live);
        }
    }

    @Test
    void aRelativeLinkIsReadFromWhereItLies() throws IOException {
        Files.createSymbolicLink(live, Path.of("mount/../replica/server/"));

        assertThat(livePath.look()).isEqualTo(Serving.REPLICA);
    }

    @Test
    void aLinkElsewhereIsAPersonsAndStays() throws IOException {
        Files.createSymbolicLink(live, base.resolve("other"));

        assertThat(livePath.look()).isEqualTo(Serving.ELSEWHERE);
        assertThat(livePath.flip(Serving.REPLICA)).isInstanceOf(Flip.Refused.class);
        assertThat(Files.readSymbolicLink(live)).isEqualTo(base.resolve("other"));
    }

    @Test
    void aDirectoryIsNeverReplaced() throws IOException {
        Files.createDirectory(live);

        assertThat(livePath.look()).isEqualTo(Serving.ELSEWHERE);
        assertThat(livePath.flip(Serving.REPLICA))
                .isInstanceOfSatisfying(
                        Flip.Refused.class,
                        refused -> assertThat(refused.message()).contains(live.toString(), "not a symbolic link"));
        assertThat(live).isDirectory();
    }

    @Test
    void whatACrashedFlipLeftIsNoHindrance() throws IOException {
        Files.createSymbolicLink(live, base.resolve("mount/server"));
        Files.createSymbolicLink(base.resolve(".server.lockstep-next"), base.resolve("mount/server"));

        assertThat(livePath.flip(Serving.REPLICA)).isEqualTo(new Flip.Flipped());
        assertThat(livePath.look()).isEqualTo(Serving.REPLICA);
    }

    @Test
    void aMissingParentIsNamed() {
        var orphan = new LivePath(base.resolve("none/server"), base.resolve("m"), base.resolve("r"));

        assertThat(orphan.flip(Serving.REPLICA))
                .isInstanceOfSatisfying(
                        Flip.Failed.class,
                        failed -> assertThat(failed.failure().message()).contains("none/server", "ENOENT"));
    }
}
