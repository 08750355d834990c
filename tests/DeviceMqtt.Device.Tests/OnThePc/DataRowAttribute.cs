using System;

namespace nanoFramework.TestFramework
{
    /// <summary>MSTest's, under the name that the tests know.</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class DataRowAttribute : Microsoft.VisualStudio.TestTools.UnitTesting.DataRowAttribute
    {
        /// <param name="args">Arguments of the test.</param>
        public DataRowAttribute(params object[] args)
            : base(args)
        {
        }
    }
}
