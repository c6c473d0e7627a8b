package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Resolution;
import io.lockstep.generation.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlignedLooksTest {
    private static final long SECOND = 1_000_000_000L;

    private static Manifest manifest(long mtimeNanos) {
        return new Manifest(List.of(
                ManifestEntry.directory(EntryPath.of("server"), 0),
                ManifestEntry.file(EntryPath.of("server/a"), 0644, 1, mtimeNanos, Digest.of(new byte[] {1}))));
    }

    private static LookHistory.Look look(long mtimeNanos) {
        return new LookHistory.Look(View.of(manifest(mtimeNanos)), Instant.EPOCH, Duration.ofSeconds(1));
    }

    @Test
    void aLookIsHeldAgainstTheReferenceOfTheMoment() {
        var aligned = new AlignedLooks(Resolution.SECONDS);
        var seen = look(7 * SECOND);

        assertThat(aligned.of(seen)).isEqualTo(seen);
        aligned.to(manifest(7 * SECOND + 5));
        assertThat(aligned.of(seen).view().manifest()).isEqualTo(manifest(7 * SECOND + 5));
        aligned.to(manifest(8 * SECOND));
        assertThat(aligned.of(seen)).isEqualTo(seen);
    }

    @Test
    void aLookIsWorkedOutOnceForAReference() {
        var aligned = new AlignedLooks(Resolution.SECONDS);
        aligned.to(manifest(7 * SECOND + 5));
        var older = look(6 * SECOND);
        var newer = look(7 * SECOND);

        var first = aligned.of(newer);
        aligned.of(older);

        assertThat(aligned.of(newer)).isSameAs(first);
    }

    @Test
    void aMountIsTakenAsItIs() {
        var aligned = new AlignedLooks(Resolution.EXACT);
        aligned.to(manifest(7 * SECOND + 5));
        var seen = look(7 * SECOND);

        assertThat(aligned.of(seen)).isSameAs(seen);
    }
}
