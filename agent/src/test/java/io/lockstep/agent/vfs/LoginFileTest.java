package io.lockstep.agent.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.vfs.LoginFile.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginFileTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void knownHosts() throws Exception {
        file = directory.resolve("share.yml");
        make("known_hosts", "rw-r--r--", "");
        make("key", "rw-------", "");
    }

    private Path make(String name, String mode, String text) throws Exception {
        var made = Files.writeString(directory.resolve(name), text);
        return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(mode));
    }

    private Reading read(String text) throws Exception {
        make("share.yml", "rw-r-----", text);
        return LoginFile.read(file);
    }

    private static String problem(Reading reading) {
        return ((Reading.Refused) reading).problem();
    }

    @Test
    void pathsAreTakenFromTheFilesOwnDirectory() throws Exception {
        var login = ((Reading.Read) read("privateKey: key\npassphrase: 0123\nknownHosts: known_hosts\n")).login();

        assertThat(login.privateKey()).contains(directory.resolve("key"));
        assertThat(login.knownHosts()).isEqualTo(directory.resolve("known_hosts"));
        assertThat(login.passphrase().map(Secret::reveal)).contains("0123");
        assertThat(login.password()).isEqualTo(Optional.empty());
    }

    @Test
    void nothingPrintsASecret() throws Exception {
        var read = (Reading.Read) read("password: 'hunter: 2'\nknownHosts: known_hosts\n");

        assertThat(read.login().password().map(Secret::reveal)).contains("hunter: 2");
        assertThat(read.toString()).contains("***").doesNotContain("hunter");
        assertThat(read("password: hunter: 2\n").toString()).contains("line 1").doesNotContain("hunter");
        assertThat(read("pasword: hunter\n").toString()).doesNotContain("hunter");
        assertThat(read("password: [hunter]\n").toString()).doesNotContain("hunter");
    }

    @Test
    void whatOthersCouldReadOrChangeIsRefused() throws Exception {
        var good = "privateKey: key\nknownHosts: known_hosts\n";
        assertThat(read(good)).isInstanceOf(Reading.Read.class);
        make("share.yml", "rw-r--r--", good);
        assertThat(problem(LoginFile.read(file))).isEqualTo(file + " can be read by every user of this host");
        make("key", "rw----r--", "");
        assertThat(problem(read(good))).contains("key can be read by every user");
        make("key", "rw-------", "");
        make("known_hosts", "rw-r--rw-", "");
        assertThat(problem(read(good))).contains("known_hosts can be written by every user");
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        assertThat(problem(LoginFile.read(file))).isEqualTo(file + " is not there");
        assertThat(problem(read(""))).contains("has no knownHosts");
        assertThat(problem(read("privateKey: key\n"))).contains("has no knownHosts, so that any server could pose");
        assertThat(problem(read("knownHosts: known_hosts\n"))).contains("neither privateKey nor password");
        assertThat(problem(read("privateKey: key\nknownHosts: other\n"))).contains("other can't be read");
        assertThat(problem(read("privateKey: other\nknownHosts: known_hosts\n")))
                .contains("other is not there");
    }
}
