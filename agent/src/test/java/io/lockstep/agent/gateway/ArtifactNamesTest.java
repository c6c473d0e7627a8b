package io.lockstep.agent.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactNamesTest {
    private static final String HOME = "server/synapse-configs/default/";

    private static String artifactOf(String path) {
        return ArtifactNames.artifactOf(EntryPath.of(path)).orElse("none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api/admin--kart1_v1.0.0.xml",
                "api/team-a/admin--kart1_v1.0.0.xml",
                "sequences/admin--kart1_v1.0.0--In.xml",
                "sequences/admin--kart1_v1.0.0--Out.xml",
                "sequences/admin--kart1_v1.0.0--Fault.xml",
                "endpoints/kart1--v1.0.0_APIproductionEndpoint.xml",
                "endpoints/kart1--v1.0.0_APIsandboxEndpoint.xml",
                "endpoints/kart1--v1.0.0_APIproductionEndpoint_0.xml"
            })
    void theFilesOfOneApiAreOneArtifact(String path) {
        assertThat(artifactOf(HOME + path)).isEqualTo(HOME + " kart1 1.0.0");
    }

    @Test
    void versionsDefaultVersionsAndTenantsAreArtifactsOfTheirOwn() {
        assertThat(artifactOf(HOME + "api/admin--kart1_v2.0.0.xml")).isEqualTo(HOME + " kart1 2.0.0");
        assertThat(artifactOf(HOME + "api/admin--kart1.xml")).isEqualTo(HOME + " kart1 ");
        assertThat(artifactOf("tenants/1/synapse-configs/default/api/admin--kart1.xml"))
                .isEqualTo("tenants/1/synapse-configs/default/ kart1 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server/synapse-configs/default/sequences/main.xml",
                "server/synapse-configs/default/api/Orders.xml",
                "server/synapse-configs/default/sequences/admin--kart1_v1.xml",
                "server/synapse-configs/default/local-entries/5f0c.xml",
                "server/carbonapps/a--b_v1.car",
                "api"
            })
    void whatTellsNoApiStandsAlone(String path) {
        assertThat(artifactOf(path)).isEqualTo("none");
    }

    @Test
    void aFilesNameIsAsTheGatewayWritesIt() {
        assertThat(ArtifactNames.fileName("admin--kart1:v1/a b*c?<d>|\\")).isEqualTo("admin--kart1_v1_a_b_c__d___");
    }
}
