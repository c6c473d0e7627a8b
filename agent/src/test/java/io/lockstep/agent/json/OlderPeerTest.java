package io.lockstep.agent.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.HeldBack;
import io.lockstep.wire.StatusReport;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an agent of an earlier version leaves out is nothing, and no error. */
class OlderPeerTest {
    private static final NodeName NODE = new NodeName("gw1");
    private static final Digest ROOT = Digest.of(new byte[0]);

    @Test
    void aMemberThatHoldsNothingBack() throws Exception {
        var view = new MemberView(
                NODE,
                Role.MANAGER,
                Mode.SHARED,
                1,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.of(ROOT),
                Optional.of(ROOT),
                Optional.of(ROOT),
                Serving.MOUNT,
                MountEvidence.State.PROVEN,
                Reason.OK,
                Optional.empty(),
                Reason.OK,
                DriftSummary.NONE,
                0,
                0,
                0,
                "1");
        var mapper = Json.mapper();
        ObjectNode json = mapper.valueToTree(view);
        assertThat(mapper.treeToValue(json, MemberView.class)).isEqualTo(view);

        json.remove("heldBackRoot");

        assertThat(mapper.treeToValue(json, MemberView.class).heldBackRoot()).isEmpty();
    }

    @Test
    void aStatusThatDoesNotSayWhy() throws Exception {
        var path = EntryPath.of("server/a.xml");
        var report = new StatusReport(
                NODE,
                Mode.SHARED,
                Reason.SHARE_EQUAL,
                "",
                NODE,
                1,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                "",
                new StatusReport.Mount(MountEvidence.State.PROVEN, Reason.OK, "", "", true, 0, 0),
                List.of(),
                List.of(path),
                List.of(new HeldBack(path, HeldBack.Why.INVALID_XML, "line 3: x\u001b[2J")),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
        var mapper = Json.mapper();
        ObjectNode json = mapper.valueToTree(report);
        assertThat(json.path("heldBackWhy").path(0).path("why").asText()).isEqualTo("INVALID_XML");
        assertThat(json.path("heldBackWhy").path(0).path("detail").asText()).isEqualTo("line 3: x?[2J");
        assertThat(mapper.treeToValue(json, StatusReport.class)).isEqualTo(report);

        json.remove(List.of("heldBackWhy", "concerns"));

        var older = mapper.treeToValue(json, StatusReport.class);
        assertThat(older.heldBack()).containsExactly(path);
        assertThat(older.heldBackWhy()).isEmpty();
        assertThat(older.concerns()).isEmpty();
    }
}
