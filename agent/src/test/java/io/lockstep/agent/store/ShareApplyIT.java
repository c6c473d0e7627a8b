package io.lockstep.agent.store;

import static io.lockstep.agent.store.TreeOnDisk.file;
import static io.lockstep.agent.store.TreeOnDisk.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lockstep.agent.store.ApplyOutcome.Applied;
import io.lockstep.agent.store.PathResult.Effect;
import io.lockstep.generation.View;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing to a share, where whatever nobody planned is left alone. */
class ShareApplyIT {
    private static final DurableCalls DISK = DurableCalls.DIRECT;

    @TempDir
    Path base;

    @SuppressWarnings("NullAway.Init")
    private StoreFixture at;

    @BeforeEach
    void makeFixture() {
        at = new StoreFixture(base);
    }

    private static Applied applied(ApplyOutcome outcome) {
        assertThat(outcome).isInstanceOf(Applied.class);
        return (Applied) outcome;
    }

    private static PathResult only(ApplyOutcome outcome) {
        assertThat(applied(outcome).results()).hasSize(1);
        return applied(outcome).results().get(0);
    }

    @Test
    void onAShareForeignContentIsLeftAloneAndReported() {
        var known = manifest(file("a.xml", "known"), file("b.xml", "known"), file("c.xml", "known"));
        at.write("a.xml", "foreign");
        at.write("b.xml", "known");
        at.write("c.xml", "foreign too");
        at.write("d.xml", "foreign as well");
        at.stage("wanted");
        var seen = View.of(known);
        var before = TreeOnDisk.contents(at.tree);

        var outcome = applied(at.applier(DISK, ForeignContent.LEAVE_ALONE)
                .apply(new ApplyRequest(
                        StoreFixture.GENERATION,
                        manifest(file("a.xml", "wanted"), file("b.xml", "wanted"), file("d.xml", "wanted")),
                        seen,
                        List.of(known))));

        assertThat(outcome.unsettled())
                .extracting(PathResult::path, PathResult::effect)
                .containsExactlyInAnyOrder(
                        tuple(TreeOnDisk.path("a.xml"), Effect.FOREIGN),
                        tuple(TreeOnDisk.path("c.xml"), Effect.FOREIGN),
                        tuple(TreeOnDisk.path("d.xml"), Effect.FOREIGN));
        var after = TreeOnDisk.contents(at.tree);
        assertThat(after.remove("b.xml")).isNotEqualTo(before.remove("b.xml"));
        assertThat(after).isEqualTo(before);
        assertThat(at.conflicts()).isEmpty();
    }

    @Test
    void onAShareAWriteJustBeforeTheExchangeIsPutBack() {
        at.write("a.xml", "known");
        at.stage("wanted");
        var calls = new FaultyCalls().before("EXCHANGE", () -> at.write("a.xml", "in the last moment"));

        var result = only(at.applier(calls, ForeignContent.LEAVE_ALONE)
                .apply(at.request(manifest(file("a.xml", "wanted")), manifest(file("a.xml", "known")))));

        assertThat(result).isEqualTo(PathResult.of(TreeOnDisk.path("a.xml"), Effect.FOREIGN));
        assertThat(at.tree.resolve("a.xml")).hasContent("in the last moment");
        assertThat(at.namesInTmp()).isEmpty();
        assertThat(at.conflicts()).isEmpty();
    }

    @Test
    void onAShareAWriteJustBeforeTheRemovalIsPutBack() {
        at.write("a.xml", "known");
        var calls = new FaultyCalls().before("REPLACE a.xml", () -> at.write("a.xml", "in the last moment"));

        var result = only(at.applier(calls, ForeignContent.LEAVE_ALONE)
                .apply(at.request(manifest(), manifest(file("a.xml", "known")))));

        assertThat(result.effect()).isEqualTo(Effect.FOREIGN);
        assertThat(at.tree.resolve("a.xml")).hasContent("in the last moment");
        assertThat(at.namesInTmp()).isEmpty();
    }
}
