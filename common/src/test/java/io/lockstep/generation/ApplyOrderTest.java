package io.lockstep.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ApplyOrderTest {
    private static final List<EntryPath> IN_ORDER = Stream.of(
                    "server/synapse-configs/default/local-entries/z.xml",
                    "server/synapse-configs/default/endpoints/a.xml",
                    "tenants/1/synapse-configs/default/endpoints/b.xml",
                    "server/synapse-configs/default/sequences/in.xml",
                    "server/api",
                    "server/executionplans/plan.siddhiql",
                    "server/synapse-configs/default/proxy-services/endpoints",
                    "server/synapse-configs/default/api/a.xml",
                    "server/synapse-configs/default/api/nested/b.xml",
                    "tenants/1/synapse-configs/default/api/a.xml")
            .map(EntryPath::of)
            .toList();

    @Test
    void whatAnApiRefersToComesBeforeTheApi() {
        var shuffled = new ArrayList<>(IN_ORDER);
        Collections.reverse(shuffled);

        shuffled.sort(ApplyOrder.placing());

        assertThat(shuffled).isEqualTo(IN_ORDER);
    }

    @Test
    void removingGoesTheOtherWayRound() {
        var sorted = new ArrayList<>(IN_ORDER);

        sorted.sort(ApplyOrder.removing());

        Collections.reverse(sorted);
        assertThat(sorted).isEqualTo(IN_ORDER);
    }
}
