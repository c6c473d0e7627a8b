package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutRulesTest {
    private static final String TREE = """
              - name: server
                share: /mnt/wso2/server
                live: /opt/wso2/server
                replica: /var/lib/lockstep/replica/server
            """;

    private static List<Problem> problems(String trees) {
        return Sample.problems(Sample.MINIMAL.replace(TREE, trees));
    }

    private static String tree(String name, String share, String live, String more) {
        return "  - {name: " + name + ", share: " + share + ", live: " + live + ", " + more + "}\n";
    }

    @Test
    void theThreeKindsAreValid() {
        assertThat(problems(tree("server", "/mnt/wso2/server", "/opt/gw/server", "flip: link, replica: /r/server")))
                .isEmpty();
        assertThat(problems(tree("server", "/mnt/wso2/server", "/opt/gw/server", "flip: bind, replica: /u/server")))
                .isEmpty();
        assertThat(problems(tree("server", "/opt/gw/server", "/opt/gw/server", "flip: none, replica: /u/server")))
                .isEmpty();
    }

    @Test
    void anyOtherKindIsNamed() {
        assertThat(problems(tree("server", "/s", "/opt/gw/server", "flip: move, replica: /r/server")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).contains("trees[0].flip"));
    }

    @Test
    void onlyADirectMountIsTheLivePath() {
        assertThat(problems(tree("server", "/opt/gw/server", "/opt/gw/server", "replica: /r/server")))
                .extracting(Problem::key)
                .contains("trees[0].live");
        assertThat(problems(tree("server", "/mnt/server", "/opt/gw/server", "flip: none, replica: /u/server")))
                .extracting(Problem::key)
                .containsExactly("trees[0].share");
    }

    @Test
    void aReplicaBeneathIsTheLivePathByAnotherWay() {
        assertThat(problems(tree("server", "/mnt/server", "/opt/gw/server", "flip: bind, replica: /u/other")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.remedy()).isEqualTo("Write /u/server"));
        assertThat(problems(
                        tree("server", "/mnt/server", "/opt/gw/server", "flip: bind, replica: /u/server, work: /w")))
                .extracting(Problem::key)
                .containsExactly("trees[0].work");
    }

    @Test
    void theHelperIsToldPlainPathsOnly() {
        assertThat(problems(tree("server", "'/mnt/a b'", "/opt/gw/server", "flip: bind, replica: /u/server")))
                .extracting(Problem::key)
                .containsExactly("trees[0].share");
        assertThat(problems(tree("server", "/mnt/.a", "/opt/gw/server", "flip: bind, replica: /u/server")))
                .extracting(Problem::key)
                .containsExactly("trees[0].share");
    }

    @Test
    void noneIsForAllTreesOrForNone() {
        var server = tree("server", "/opt/gw/server", "/opt/gw/server", "flip: none, replica: /u/server");

        assertThat(problems(server + tree("tenants", "/mnt/tenants", "/opt/gw/tenants", "replica: /r/tenants")))
                .extracting(Problem::key)
                .containsExactly("trees[0].flip");
        assertThat(problems(server
                        + tree("tenants", "/opt/gw/tenants", "/opt/gw/tenants", "flip: none, replica: /u/tenants")))
                .isEmpty();
    }

    @Test
    void oneBindLeadsToOneDirectory() {
        assertThat(problems(tree("server", "/mnt/server", "/opt/gw/deployment/server", "flip: bind, replica: /u/server")
                        + tree("tenants", "/mnt/tenants", "/opt/gw/tenants", "flip: bind, replica: /u/tenants")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo("trees[1].replica");
                    assertThat(problem.remedy()).contains("/u-tenants");
                });
    }
}
