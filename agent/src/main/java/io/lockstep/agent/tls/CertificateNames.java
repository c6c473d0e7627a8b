package io.lockstep.agent.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The names that a certificate vouches for. */
public final class CertificateNames {
    /** {@code dNSName} in RFC 5280, section 4.2.1.6. */
    private static final int DNS_NAME = 2;

    private CertificateNames() {}

    /** The common name of the subject, or empty when it has none. This is the name of a node. */
    public static Optional<String> commonName(X509Certificate certificate) {
        try {
            List<Rdn> parts = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
            for (int i = parts.size() - 1; i >= 0; i--) {
                if (parts.get(i).getType().equalsIgnoreCase("CN")
                        && parts.get(i).getValue() instanceof String name
                        && !name.isBlank()) {
                    return Optional.of(name);
                }
            }
            return Optional.empty();
        } catch (InvalidNameException e) {
            // A subject that can't be parsed names nobody; the caller refuses it.
            return Optional.empty();
        }
    }

    /** Whether the common name is {@code name}, or one of the DNS names is, in any case of letters. */
    public static boolean vouchesFor(X509Certificate certificate, String name) {
        if (commonName(certificate).filter(name::equalsIgnoreCase).isPresent()) {
            return true;
        }
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            return alternatives != null
                    && alternatives.stream()
                            .anyMatch(entry -> entry.get(0).equals(DNS_NAME)
                                    && name.equalsIgnoreCase(String.valueOf(entry.get(1))));
        } catch (CertificateParsingException e) {
            // Names that can't be parsed vouch for nobody; the caller refuses the certificate.
            return false;
        }
    }
}
