package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountCheckTest {
    private static final String TABLE = """
            27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            40 27 0:45 / /mnt/wso2 rw,relatime - nfs4 filer:/wso2 rw
            """;

    @TempDir
    private Path home;

    private static Findings check(String mount, String table) {
        var configuration = Sample.load(Sample.MINIMAL.replace("    live:", mount + "    live:"));
        return MountCheck.mounts(configuration, MountTable.parse(table));
    }

    private static Problem onlyWarning(Findings findings) {
        assertThat(findings.errors()).isEmpty();
        assertThat(findings.warnings()).hasSize(1);
        return findings.warnings().get(0);
    }

    @Test
    void withoutAMountInTheFileTheMountedOneIsSuggested() {
        var warning = onlyWarning(check("", TABLE));

        assertThat(warning.key()).isEqualTo("trees[0].mount");
        assertThat(warning.what()).contains("marker and the members' beacons alone");
        assertThat(warning.remedy()).contains("mount: {point: '/mnt/wso2', type: nfs4, source: 'filer:/wso2'}");
        assertThat(onlyWarning(check("", "27 1 254:0 / / rw - ext4 /dev/vda rw\n"))
                        .remedy())
                .contains("findmnt -T /mnt/wso2/server");
    }

    @Test
    void aMountThatIsAsConfiguredIsNoFinding() {
        assertThat(check("    mount: {point: /mnt/wso2, type: nfs, source: 'filer:/wso2/'}\n", TABLE)
                        .warnings())
                .isEmpty();
    }

    @Test
    void whatIsMountedOtherwiseIsSaidWithWhatFollows() {
        var none =
                onlyWarning(check("    mount: {point: /mnt/wso2/server, type: nfs, source: 'filer:/wso2'}\n", TABLE));
        assertThat(none.what()).isEqualTo("nothing is mounted at /mnt/wso2/server, so the share counts as lost");
        var other = onlyWarning(check("    mount: {point: /mnt/wso2, type: nfs4, source: 'b:/wso2'}\n", TABLE));
        assertThat(other.what())
                .isEqualTo("the mount at /mnt/wso2 is of filer:/wso2, not of b:/wso2, so the share counts as lost");
        assertThat(other.remedy()).startsWith("Another export is mounted");
        var readOnly = onlyWarning(check(
                "    mount: {point: /mnt/wso2, type: nfs4, source: 'filer:/wso2'}\n",
                TABLE.replace("/mnt/wso2 rw", "/mnt/wso2 ro")));
        assertThat(readOnly.what()).endsWith("so the share counts as not writable");
    }

    @Test
    void aMountpointThatIsNamedThroughALinkIsNamedAsTheTableDoes() throws IOException {
        var real = Files.createDirectories(home.toRealPath().resolve("disks"));
        var link = Files.createSymbolicLink(home.resolve("mnt"), real);
        var text = Sample.MINIMAL
                .replace("/mnt/wso2/server", link + "/wso2/server")
                .replace("    live:", "    mount: {point: " + link + "/wso2, type: nfs4, source: 'f:/w'}\n    live:");
        var table = MountTable.parse("40 27 0:45 / " + real + "/wso2 rw - nfs4 f:/w rw\n");

        var warning = onlyWarning(MountCheck.mounts(Sample.load(text), table));

        assertThat(warning.key()).isEqualTo("trees[0].mount.point");
        assertThat(warning.remedy()).isEqualTo("Write " + real + "/wso2");
    }
}
