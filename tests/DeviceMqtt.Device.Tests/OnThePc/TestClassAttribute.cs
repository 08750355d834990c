namespace nanoFramework.TestFramework
{
    /// <summary>MSTest's, under the name that the tests know.</summary>
    public sealed class TestClassAttribute : Microsoft.VisualStudio.TestTools.UnitTesting.TestClassAttribute
    {
    }
}
