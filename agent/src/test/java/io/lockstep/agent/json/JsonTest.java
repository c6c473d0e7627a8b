package io.lockstep.agent.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What members of different versions say to each other. */
class JsonTest {
    private static Exchange exchange() {
        return new Exchange(
                new MemberView(
                        new NodeName("gw1"),
                        Role.MANAGER,
                        Mode.SHARED,
                        1,
                        1,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Serving.MOUNT,
                        MountEvidence.State.PROVEN,
                        Reason.OK,
                        Optional.of(new AnnouncedBeacon(Long.MIN_VALUE, 17)),
                        Reason.OK,
                        DriftSummary.NONE,
                        0,
                        0,
                        0,
                        "test"),
                List.of());
    }

    @Test
    void aBeaconIsReadAsItWasAnnounced() throws JsonProcessingException {
        var json = Json.mapper().writeValueAsString(exchange());

        assertThat(Json.mapper().readValue(json, Exchange.class)).isEqualTo(exchange());
    }

    @Test
    void aMemberThatKnowsNoBeaconsAnnouncesNone() throws JsonProcessingException {
        ObjectNode json = Json.mapper().valueToTree(exchange());
        ((ObjectNode) json.path("member")).remove("beacon");

        assertThat(Json.mapper().treeToValue(json, Exchange.class).member().beacon())
                .isEmpty();
    }

    @Test
    void aBeaconOutOfRangeIsRefused() {
        ObjectNode json = Json.mapper().valueToTree(exchange());
        ((ObjectNode) json.path("member").path("beacon")).put("seq", 0);

        assertThatExceptionOfType(JsonProcessingException.class)
                .isThrownBy(() -> Json.mapper().treeToValue(json, Exchange.class));
    }

    @Test
    void aRegisteredShareIsReadAsItWasWritten() throws JsonProcessingException {
        var entry = new LogEntry.ShareRegistered(3, 1, Instant.parse("2026-01-01T00:00:00Z"), "server", "4711");
        var json = Json.mapper().writeValueAsString(LogRecord.of(entry));

        assertThat(Json.mapper().readValue(json, LogRecord.class).toEntry()).isEqualTo(entry);
    }
}
