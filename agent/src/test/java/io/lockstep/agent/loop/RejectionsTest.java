package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RejectionsTest {
    private static final NodeName GW1 = new NodeName("gw1");
    private static final NodeName GW2 = new NodeName("gw2");
    private static final Digest RIGHT = Digest.of("right".getBytes(StandardCharsets.UTF_8));
    private static final Digest WRONG = Digest.of("wrong".getBytes(StandardCharsets.UTF_8));
    private static final Generation FIRST = generation(1, Optional.empty());
    private static final Generation SECOND = generation(2, Optional.of(RIGHT));
    private static final Instant NOW = Instant.EPOCH;

    private final Rejections rejections = new Rejections();

    private static Generation generation(long seq, Optional<Digest> parent) {
        return new Generation(new GenerationId(1, seq), seq == 1 ? RIGHT : WRONG, parent, RIGHT);
    }

    private void reject(NodeName member, Instant at) {
        rejections.add(
                FIRST, List.of(new Rejection.WrongBytes(member, EntryPath.of("server/x.car"), RIGHT, WRONG)), at);
    }

    @Test
    void aMemberThatSentWrongBytesIsLeftOutForThatGenerationOnly() {
        reject(GW1, NOW);

        assertThat(rejections.allowed(List.of(GW1, GW2), FIRST)).containsExactly(GW2);
        assertThat(rejections.allowed(List.of(GW1, GW2), SECOND)).containsExactly(GW1, GW2);
    }

    @Test
    void itIsAskedAgainWhenItsTimeIsOver() {
        reject(GW1, NOW);
        var over = NOW.plus(Rejections.LEFT_OUT);

        rejections.expire(over.minusMillis(1));
        assertThat(rejections.allowed(List.of(GW1), FIRST)).isEmpty();
        rejections.expire(over);
        assertThat(rejections.allowed(List.of(GW1), FIRST)).containsExactly(GW1);
        assertThat(rejections.problem()).isEmpty();
    }

    @Test
    void theProblemNamesMemberPathAndBothDigests() {
        reject(GW1, NOW);

        assertThat(rejections.problem().orElseThrow())
                .contains("gw1 sent wrong bytes for server/x.car", "expected=" + RIGHT, "actual=" + WRONG)
                .contains("not asked for generation 1.1 for 2 minutes");
    }

    @Test
    void thereIsOneRejectionAMember() {
        for (int i = 0; i < 1000; i++) {
            reject(GW1, NOW);
        }

        assertThat(rejections.problem().orElseThrow()).containsOnlyOnce("gw1");
    }
}
