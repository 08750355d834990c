using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>An authority that was made while the clock was wrong: all TLS fails, and that is said.</summary>
[TestClass]
public sealed class CertificateTimesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 0, 0, 0, TimeSpan.Zero);

    [TestMethod]
    public void WhyNoAuthority_ClockWasAheadOrIn1970_SaysWhyAndWhatToDo()
    {
        using X509Certificate2 ahead = CertificateMaker.CreateAuthority("pi", Now.AddYears(3)), past = CertificateMaker.CreateAuthority("pi", DateTimeOffset.UnixEpoch.AddDays(2)), right = CertificateMaker.CreateAuthority("pi", Now);

        StringAssert.Contains(CertificateTimes.WhyNoAuthority(ahead, Now), "is valid from 2029-11-29 on, and not yet", StringComparison.Ordinal);
        StringAssert.Contains(CertificateTimes.WhyNoAuthority(ahead, Now), "cert init", StringComparison.Ordinal);
        StringAssert.Contains(CertificateTimes.WhyNoAuthority(past, Now), "has ended on 1990-01-03", StringComparison.Ordinal);
        Assert.IsNull(CertificateTimes.WhyNoAuthority(right, Now));
    }
}
