using System.Runtime.CompilerServices;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>
/// A test that reads packets through <see cref="Wire"/>: it runs with the input right-sized, inside larger buffers, one byte per segment, and
/// cut at every byte. It fails at the first way that fails, and says which.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DecodeTestAttribute([CallerFilePath] string file = "", [CallerLineNumber] int line = -1) : TestMethodAttribute(file, line)
{
    public override async Task<TestResult[]> ExecuteAsync(ITestMethod testMethod)
    {
        var rightSized = new Cut.RightSized();
        TestResult result = await RunAsync(testMethod, rightSized);
        if (result.Outcome != UnitTestOutcome.Passed)
            return [result];
        if (rightSized.LongestBytes == 0)
            return [new TestResult { Outcome = UnitTestOutcome.Failed, TestFailureException = new InvalidOperationException("A decode test reads through Wire.") }];

        foreach (Cut cut in GetOthers(rightSized.LongestBytes))
        {
            TestResult next = await RunAsync(testMethod, cut);
            result.Duration += next.Duration;
            if (next.Outcome == UnitTestOutcome.Passed)
                continue;
            next.TestFailureException = new InvalidOperationException($"With the input laid out as {cut}: {next.TestFailureException?.Message}", next.TestFailureException);
            return [next];
        }

        return [result];
    }

    private static IEnumerable<Cut> GetOthers(int longestBytes)
    {
        yield return new Cut.InsideLarger(0x00);
        yield return new Cut.InsideLarger(0xFF);
        yield return new Cut.OneBytePerSegment();
        for (int offset = 0; offset <= longestBytes; offset++)
            yield return new Cut.At(offset);
    }

    private static async Task<TestResult> RunAsync(ITestMethod testMethod, Cut cut)
    {
        Cut.Current = cut;
        return await testMethod.InvokeAsync(null);
    }
}
