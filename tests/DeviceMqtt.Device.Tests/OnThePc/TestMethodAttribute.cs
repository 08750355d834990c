namespace nanoFramework.TestFramework
{
    /// <summary>MSTest's, under the name that the tests know.</summary>
    public sealed class TestMethodAttribute : Microsoft.VisualStudio.TestTools.UnitTesting.TestMethodAttribute
    {
    }
}
